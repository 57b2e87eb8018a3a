//! Puts lines into the places of their roles, and keeps all other places as they are.

use std::collections::{BTreeMap, BTreeSet};

use content_line::{Edit, Line, NewLine, Value};

use crate::author;
use crate::role::Role;
use crate::slot::{Candidate, PIN, assign, pin};
use crate::types::{LABEL, LABEL_AS_WRITTEN};
use crate::view::View;

/// The rank of a line that says nothing about preference.
const NO_PREFERENCE: u16 = 101;

/// A line in a place: one of the card's, or the one that is new there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Filler {
    Old(usize),
    New(usize),
}

/// A line that the card does not have yet.
struct Fresh {
    line: NewLine,
    label: Option<&'static str>,
}

/// Changes to a card in the making.
pub(crate) struct Patch<'v, 'd, 'a> {
    view: &'v View<'d, 'a>,
    edit: Edit<'d, 'a>,
    removed: BTreeSet<usize>,
    /// By role and place. Places of lists are counted on.
    fresh: BTreeMap<Role, BTreeMap<usize, Fresh>>,
    touched: BTreeSet<Role>,
}

impl<'v, 'd, 'a> Patch<'v, 'd, 'a> {
    pub(crate) fn new(view: &'v View<'d, 'a>) -> Self {
        Self {
            view,
            edit: view.document().edit(),
            removed: BTreeSet::new(),
            fresh: BTreeMap::new(),
            touched: BTreeSet::new(),
        }
    }

    /// Writes the line of a place. `write` is given the line to change, and the line it was, if there is one;
    /// else a new one of the right name and types. A place after the last one of a list adds to it.
    pub(crate) fn put(
        &mut self,
        role: Role,
        slot: usize,
        write: impl FnOnce(NewLine, Option<&Line<'_>>) -> NewLine,
    ) {
        self.touched.insert(role);
        let old = self.view.index(role, slot).and_then(|index| Some((index, self.view.line(index)?)));
        if let Some((index, line)) = old {
            self.edit.replace(index, write(NewLine::copy_of(line), Some(line)));
            return;
        }
        let authored = author::line(role, self.view.version());
        let fresh = self.fresh.entry(role).or_default();
        let next = fresh.keys().next_back().map_or(0, |last| last + 1);
        let slot = if role.slots() == usize::MAX { next } else { slot };
        fresh.insert(slot, Fresh { line: write(authored.line, None), label: authored.label });
    }

    /// Removes the line of a place, if there is one.
    pub(crate) fn remove(&mut self, role: Role, slot: usize) {
        if let Some(index) = self.view.index(role, slot) {
            self.touched.insert(role);
            self.removed.insert(index);
            self.edit.remove(index);
        }
    }

    /// The card with the changes made.
    pub(crate) fn finish(mut self) -> Vec<u8> {
        for role in std::mem::take(&mut self.touched) {
            if role.slots() < usize::MAX {
                self.hold_places(role);
            }
        }
        self.remove_orphaned_labels();
        self.append_fresh();
        self.edit.finish()
    }

    /// Pins lines of a role where they would be shown elsewhere than before.
    fn hold_places(&mut self, role: Role) {
        let old =
            self.view.candidates(role).iter().filter(|candidate| !self.removed.contains(&candidate.line));
        let old = old.map(|&Candidate { line, rank, pin }| Candidate { line: Filler::Old(line), rank, pin });
        let slots: Vec<usize> = self.fresh.get(&role).into_iter().flatten().map(|(&slot, _)| slot).collect();
        let new =
            slots.iter().map(|&slot| Candidate { line: Filler::New(slot), rank: NO_PREFERENCE, pin: None });
        let before: Vec<_> = old.chain(new).collect();

        let target = self.view.places(role).into_iter().enumerate().map(|(slot, line)| {
            let stays = line.filter(|line| !self.removed.contains(line)).map(Filler::Old);
            stays.or_else(|| slots.contains(&slot).then_some(Filler::New(slot)))
        });
        let target: Vec<_> = target.collect();

        let mut after = before.clone();
        if assign(&after, target.len()) != target {
            // Rather a new line than an old one.
            for candidate in &mut after {
                if let Filler::New(slot) = candidate.line {
                    candidate.pin = Some(slot + 1);
                }
            }
            pin(&mut after, &target);
        }
        for (before, after) in before.iter().zip(&after).filter(|(before, after)| before.pin != after.pin) {
            self.pin_line(role, before.line, after.pin.unwrap_or(0));
        }
    }

    fn pin_line(&mut self, role: Role, line: Filler, place: usize) {
        let place = place.to_string();
        match line {
            Filler::Old(index) => self.edit.set_parameter(index, PIN, &[&place]),
            Filler::New(slot) => {
                if let Some(fresh) = self.fresh.get_mut(&role).and_then(|fresh| fresh.get_mut(&slot)) {
                    fresh.line = fresh.line.clone().parameter(PIN, &[&place]);
                }
            }
        }
    }

    /// Removes the labels of groups whose last other line is removed.
    fn remove_orphaned_labels(&mut self) {
        let group = |line: &Line<'_>| line.group().map(str::to_ascii_lowercase);
        let removed = self.removed.iter().filter_map(|&index| group(self.view.line(index)?));
        let mut orphaned: BTreeSet<String> = removed.collect();
        if orphaned.is_empty() {
            return;
        }
        let document = self.view.document();
        for (index, line) in document.own_lines(self.view.card()) {
            if let Some(group) = group(line)
                && !is_about_its_group(line)
                && !self.removed.contains(&index)
            {
                orphaned.remove(&group);
            }
        }
        for (index, line) in document.own_lines(self.view.card()) {
            if is_about_its_group(line) && group(line).is_some_and(|group| orphaned.contains(&group)) {
                self.edit.remove(index);
            }
        }
    }

    fn append_fresh(&mut self) {
        let card = self.view.card();
        let mut group = self.first_free_group();
        for fresh in std::mem::take(&mut self.fresh).into_values().flat_map(BTreeMap::into_values) {
            let Some(label) = fresh.label else {
                self.edit.append_last(card, fresh.line);
                continue;
            };
            let name = format!("item{group}");
            group = group.saturating_add(1);
            self.edit.append_last(card, fresh.line.group(&name));
            self.edit.append_last(card, NewLine::new(LABEL_AS_WRITTEN, Value::stripped(label)).group(&name));
        }
    }

    /// The number of the first `item` group after all that the card has.
    fn first_free_group(&self) -> u32 {
        let number =
            |line: &Line<'_>| line.group()?.to_ascii_lowercase().strip_prefix("item")?.parse::<u32>().ok();
        let numbers = self.view.document().own_lines(self.view.card()).filter_map(|(_, line)| number(line));
        numbers.max().map_or(1, |last| last.saturating_add(1))
    }
}

/// Lines that say something about the other lines of their group.
fn is_about_its_group(line: &Line<'_>) -> bool {
    line.is(LABEL) || line.is("X-ABADR")
}
