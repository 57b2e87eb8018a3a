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

/// User and system time of this process, to 10 ms: neither the disk nor PostgreSQL's own server is in it.
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

    fn merged(self, other: Self) -> Self {
        Self { count: self.count + other.count, wall: self.wall + other.wall, cpu: self.cpu + other.cpu }
    }
}

/// By what factor our layer may be slower than the raw driver.
const RATIO_MAX: f64 = 1.5;
/// Wall times of the rounds that differ by more than this factor say more of the machine than of us.
const SPREAD_MAX: f64 = 1.25;

/// The rounds of one piece of work.
pub(crate) struct Row {
    name: &'static str,
    rounds: Vec<Round>,
}

struct Round {
    ours: Sample,
    raw: Sample,
}

impl Round {
    fn wall_ratio(&self) -> f64 {
        self.raw.per_second() / self.ours.per_second()
    }

    /// CPU time is measured to 10 ms only.
    fn cpu_ratio(&self) -> f64 {
        let per_item = |sample: Sample| sample.cpu.as_secs_f64().max(0.01) / sample.count as f64;
        per_item(self.ours) / per_item(self.raw)
    }
}

impl Row {
    /// The factor that counts: of the median round, in CPU time where the wall is noisy. But no noise makes
    /// every round slow: that is ours, a commit for each writer perhaps, which costs no CPU time.
    fn ratio(&self) -> f64 {
        let walls: Vec<f64> = self.rounds.iter().map(Round::wall_ratio).collect();
        let least = walls.iter().copied().fold(f64::INFINITY, f64::min);
        let most = walls.iter().copied().fold(0.0, f64::max);
        if most > least * SPREAD_MAX { self.cpu_ratio().max(least) } else { median(walls) }
    }

    fn cpu_ratio(&self) -> f64 {
        median(self.rounds.iter().map(Round::cpu_ratio).collect())
    }
}

/// Of an even number the upper one.
fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

pub(crate) fn keep(rows: &mut Vec<Row>, name: &'static str, ours: Sample, raw: Sample) {
    let round = Round { ours, raw };
    match rows.iter_mut().find(|known| known.name == name) {
        Some(known) => known.rounds.push(round),
        None => rows.push(Row { name, rounds: vec![round] }),
    }
}

/// What a prototype of the write path did of the same, as far as it was measured.
pub(crate) type Prototype = fn(place: &str, row: &str) -> Option<u32>;

/// Prints the table; the rows that are too slow. If `long` it says whether the prototype was reached.
pub(crate) fn report(rows: &[Row], place: &str, prototype: Prototype, long: bool) -> Vec<String> {
    println!("{:<42} {:>12} {:>12} {:>9} {:>9}  prototype", "", "ours", "raw", "ours/raw", "CPU");
    for row in rows {
        let sum = |side: fn(&Round) -> Sample| row.rounds.iter().map(side).reduce(Sample::merged);
        let (Some(ours), Some(raw)) = (sum(|round| round.ours), sum(|round| round.raw)) else { continue };
        println!(
            "{:<42} {:>12.0} {:>12.0} {:>8.2}x {:>8.2}x  {}",
            row.name,
            ours.per_second(),
            raw.per_second(),
            median(row.rounds.iter().map(Round::wall_ratio).collect()),
            row.cpu_ratio(),
            beside(prototype(place, row.name), ours.per_second(), long),
        );
    }
    let slow = rows.iter().filter(|row| row.ratio() > RATIO_MAX);
    slow.map(|row| format!("{} ({:.2}x)", row.name, row.ratio())).collect()
}

/// Of another machine, so it accuses nobody.
fn beside(prototype: Option<u32>, ours: f64, long: bool) -> String {
    match prototype {
        None => "-".to_owned(),
        Some(figure) if !long => figure.to_string(),
        Some(figure) if ours >= f64::from(figure) => format!("{figure} reached"),
        Some(figure) => format!("{figure} not reached"),
    }
}

#[cfg(test)]
mod tests {
    use super::{Duration, Row, Sample, beside, keep, report};

    /// A thousand items in so many milliseconds of wall and of CPU time.
    fn sample(wall: u64, cpu: u64) -> Sample {
        Sample { count: 1_000, wall: Duration::from_millis(wall), cpu: Duration::from_millis(cpu) }
    }

    fn too_slow(rounds: &[(Sample, Sample)]) -> Vec<String> {
        let mut rows: Vec<Row> = Vec::new();
        rounds.iter().for_each(|(ours, raw)| keep(&mut rows, "work", *ours, *raw));
        report(&rows, "nowhere", |_, _| None, true)
    }

    #[test]
    fn a_row_is_too_slow_above_one_and_a_half_in_the_median_round() {
        let raw = sample(1_000, 1_000);
        let at = |walls: [u64; 3]| too_slow(&walls.map(|wall| (sample(wall, 9_000), raw)));
        assert!(at([1_400, 1_490, 1_600]).is_empty());
        assert_eq!(at([1_400, 1_510, 1_600]), ["work (1.51x)"]);
    }

    #[test]
    fn where_the_wall_is_noisy_the_cpu_time_counts() {
        let raw = sample(1_000, 1_000);
        let at = |cpu: u64| too_slow(&[1_000, 1_800, 3_000].map(|wall| (sample(wall, cpu), raw)));
        assert!(at(1_490).is_empty());
        assert_eq!(at(1_600), ["work (1.60x)"]);
    }

    #[test]
    fn a_row_that_is_slow_in_its_best_round_is_too_slow_however_noisy_the_wall() {
        let raw = sample(1_000, 1_000);
        let at = |best: u64| too_slow(&[best, 4_000, 9_000].map(|wall| (sample(wall, 1_000), raw)));
        assert!(at(1_490).is_empty());
        assert_eq!(at(1_510), ["work (1.51x)"]);
    }

    #[test]
    fn whether_the_prototype_was_reached_is_said_of_a_full_round_only() {
        let at = |ours: f64, long: bool| beside(Some(2_666), ours, long);
        assert_eq!([at(2_665.9, true), at(2_666.0, true)], ["2666 not reached", "2666 reached"]);
        assert_eq!(at(9_000.0, false), "2666");
        assert_eq!(beside(None, 9_000.0, true), "-");
    }
}
