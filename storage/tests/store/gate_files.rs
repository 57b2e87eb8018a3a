//! The walk of `gate.rs` through what is done with plain files.

use crate::files::{at_dav, file, path, put};
use crate::gate::{Operation, Place, op, walk};
use crate::harness::{World, on_each_database};
use storage::{NewLock, Result, Write, right};
use vocabulary::{CollectionId, Door, Rights, Uid};

/// Every public operation on plain files.
pub(crate) fn file_operations() -> Vec<Operation> {
    vec![
        op("open_files", Rights::LOOKUP, |tx, p| {
            tx.open_files::<right::Lookup>(p.owner, &path(&["shared"])).map(drop)
        }),
        op("files_beneath", Rights::LOOKUP, |tx, p| {
            tx.files_beneath(&tx.open::<right::Lookup>(p.owner, p.folder)?, CollectionId(0), 9).map(drop)
        }),
        op("files", Rights::READ, |tx, p| {
            tx.files(&tx.open::<right::ReadItems>(p.owner, p.folder)?, Uid(0), 9).map(drop)
        }),
        op("file_properties", Rights::READ, |tx, p| {
            tx.file_properties(&tx.open::<right::ReadItems>(p.owner, p.folder)?, Some(p.item)).map(drop)
        }),
        op("set_file_property", Rights::REPLACE, |tx, p| {
            tx.set_file_property(&tx.open::<right::Replace>(p.owner, p.folder)?, None, "x", Some("y"))
        }),
        op("create_files", Rights::CREATE, |tx, p| {
            tx.create_files(&tx.open::<right::CreateChild>(p.owner, p.folder)?, "child").map(drop)
        }),
        op("delete_files", Rights::DELETE_COLLECTION, |tx, p| {
            tx.delete_files(&tx.open::<right::DeleteCollection>(p.owner, p.folder)?)
        }),
        op("copy_files", Rights::of(&[Rights::READ, Rights::CREATE]), |tx, p| {
            let source = tx.open::<right::ReadItems>(p.owner, p.folder)?;
            let above = tx.open::<right::CreateChild>(p.owner, p.folder)?;
            tx.copy_files(&source, &above, "copy", false).map(drop)
        }),
        op("copy_resource", Rights::of(&[Rights::READ, Rights::INSERT]), |tx, p| {
            let source = tx.open::<right::ReadItems>(p.owner, p.folder)?;
            let target = tx.open::<right::Insert>(p.owner, p.folder)?;
            tx.copy_resource(&source, &target, Uid(1), "copy").map(drop)
        }),
        op("locks", Rights::LOOKUP, |tx, p| {
            tx.locks(&tx.open::<right::Lookup>(p.owner, p.folder)?).map(drop)
        }),
        op("lock_files", Rights::REPLACE, |tx, p| lock(tx, p).map(drop)),
        op("refresh_lock", Rights::REPLACE, |tx, p| {
            let token = lock(tx, p)?;
            tx.refresh_lock(&tx.open::<right::Lookup>(p.owner, p.folder)?, &token, 60).map(drop)
        }),
        op("unlock", Rights::REPLACE, |tx, p| {
            let token = lock(tx, p)?;
            tx.unlock(&tx.open::<right::Lookup>(p.owner, p.folder)?, &token)
        }),
    ]
}

fn lock(tx: &mut Write<'_>, place: &Place) -> Result<String> {
    let grant = tx.open::<right::Replace>(place.owner, place.folder)?;
    let path = path(&["shared", "one"]);
    let new = NewLock { path, deep: false, exclusive: true, owner: String::new(), seconds: 60 };
    Ok(tx.lock_files(&grant, &new)?.unwrap().token)
}

async fn place(world: &World) -> Place {
    let anna = world.anna;
    let make = move |tx: &mut Write<'_>| {
        let root = tx.open_files::<right::CreateChild>(anna, &[])?;
        Ok(tx.create_files(&root, "shared")?.id)
    };
    let folder = world.store.write(&at_dav(anna), &[anna], make).await.unwrap();
    let added = put(world, anna, &["shared", "one"], b"one").await.unwrap();
    Place {
        owner: anna,
        folder,
        item: added.id,
        new: file(world, anna, "new", b"new").await,
        event: file(world, anna, "event", b"event").await,
        stranger: world.nora,
        door: Door::Dav,
    }
}

#[test]
fn every_operation_on_files_needs_its_right() {
    on_each_database(|world| async move {
        let place = place(&world).await;
        walk(&world, &place, &file_operations()).await;
    });
}
