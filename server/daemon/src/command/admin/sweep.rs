//! `kontor admin sweep`: takes away what has outlived its time.

use super::answer::Answer;
use super::house::House;
use anyhow::Result;
use serde::Serialize;

#[derive(Serialize)]
struct View {
    contents: u64,
    tombstones: u64,
    blobs: u64,
}

pub(super) async fn run(house: &House) -> Result<Answer> {
    let swept = house.store().sweep().await?;
    let view = View { contents: swept.contents, tombstones: swept.tombstones, blobs: swept.blobs };
    let text = format!(
        "{} contents, {} tombstones and {} blobs were taken away",
        view.contents, view.tombstones, view.blobs
    );
    Answer::new(&view, text)
}
