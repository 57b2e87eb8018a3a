//! Wall time and CPU time of a piece of work, and the table at the end.

use std::time::{Duration, Instant};

/// How long something took.
#[derive(Clone, Copy)]
pub(crate) struct Sample {
    count: usize,
    wall: Duration,
    cpu: Duration,
}

pub(crate) struct Stopwatch {
    wall: Instant,
    cpu: Duration,
}

impl Stopwatch {
    pub(crate) fn start() -> Self {
        Self { wall: Instant::now(), cpu: cpu() }
    }

    pub(crate) fn stop(self, count: usize) -> Sample {
        Sample { count, wall: self.wall.elapsed(), cpu: cpu().saturating_sub(self.cpu) }
    }
}

/// User and system time of this process, to 10 ms.
fn cpu() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(") ").next().unwrap_or_default().split(' ').collect();
    let ticks = |index: usize| fields.get(index).and_then(|text| text.parse::<u64>().ok()).unwrap_or(0);
    Duration::from_millis((ticks(11) + ticks(12)) * 10)
}

impl Sample {
    fn per_second(&self) -> f64 {
        self.count as f64 / self.wall.as_secs_f64()
    }

    fn merge(&mut self, other: Self) {
        self.count += other.count;
        self.wall += other.wall;
        self.cpu += other.cpu;
    }
}

pub(crate) fn keep(
    rows: &mut Vec<(&'static str, Sample, Sample)>,
    round: usize,
    name: &'static str,
    ours: Sample,
    raw: Sample,
) {
    match rows.iter_mut().find(|(known, ..)| *known == name) {
        Some((_, known_ours, known_raw)) if round > 0 => {
            known_ours.merge(ours);
            known_raw.merge(raw);
        }
        _ => rows.push((name, ours, raw)),
    }
}

pub(crate) fn report(rows: &[(&'static str, Sample, Sample)]) {
    println!("{:<42} {:>12} {:>12} {:>9} {:>9}", "", "ours", "raw", "ours/raw", "CPU");
    for (name, ours, raw) in rows {
        let ratio = raw.per_second() / ours.per_second();
        let cpu = ours.cpu.as_secs_f64() / raw.cpu.as_secs_f64().max(0.01);
        println!(
            "{name:<42} {:>12.0} {:>12.0} {ratio:>8.2}x {cpu:>8.2}x",
            ours.per_second(),
            raw.per_second()
        );
    }
}
