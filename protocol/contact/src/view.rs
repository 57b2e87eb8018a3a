//! The lines of a card by their roles: what reading and editing agree on.

use std::collections::{BTreeMap, HashMap};

use content_line::{Document, Line, LineKind};

use crate::error::Unreadable;
use crate::role::Role;
use crate::slot::{Candidate, assign};
use crate::types::{Types, labels};
use crate::{Version, text};

/// A card taken apart.
pub(crate) struct View<'d, 'a> {
    document: &'d Document<'a>,
    card: usize,
    version: Version,
    labels: HashMap<String, String>,
    /// The lines of each role in the order of the document.
    candidates: BTreeMap<Role, Vec<Candidate<usize>>>,
    /// Those that are shown, by their place.
    places: BTreeMap<Role, Vec<Option<usize>>>,
}

impl<'d, 'a> View<'d, 'a> {
    /// Of the first card of a document.
    pub(crate) fn new(document: &'d Document<'a>) -> Result<Self, Unreadable> {
        let is_card = |card: &content_line::Component| card.name() == "VCARD";
        let card = document.components().iter().position(is_card).ok_or(Unreadable::NoCard)?;
        let version =
            document.property(card, "VERSION").map_or(Version::V3_0, |(_, line)| Version::of(&line.value()));
        let labels = labels(document, card);
        let mut view =
            Self { document, card, version, labels, candidates: BTreeMap::new(), places: BTreeMap::new() };
        for (index, line) in document.own_lines(card) {
            let types = view.types(line);
            if let Some(role) = Role::of(line, &types)
                && has_value(line, role)
            {
                let candidate = Candidate::new(index, line, role, &types);
                view.candidates.entry(role).or_default().push(candidate);
            }
        }
        let places = |(&role, lines): (&Role, &Vec<Candidate<usize>>)| (role, places(role, lines));
        view.places = view.candidates.iter().map(places).collect();
        Ok(view)
    }

    pub(crate) fn document(&self) -> &'d Document<'a> {
        self.document
    }

    /// The index of the card's component.
    pub(crate) fn card(&self) -> usize {
        self.card
    }

    pub(crate) fn version(&self) -> Version {
        self.version
    }

    fn types(&self, line: &Line<'_>) -> Types {
        let label = line.group().and_then(|group| self.labels.get(&group.to_ascii_lowercase()));
        Types::of(line, label.map(String::as_str))
    }

    /// A property of the document.
    pub(crate) fn line(&self, index: usize) -> Option<&'d Line<'a>> {
        self.document.line(index).filter(|line| line.kind() == LineKind::Property)
    }

    /// All lines of a role in the order of the document.
    pub(crate) fn candidates(&self, role: Role) -> &[Candidate<usize>] {
        self.candidates.get(&role).map(Vec::as_slice).unwrap_or_default()
    }

    /// The line in each place of a role. Of a list: all lines.
    pub(crate) fn places(&self, role: Role) -> Vec<Option<usize>> {
        self.places.get(&role).cloned().unwrap_or_else(|| places(role, &[]))
    }

    /// The index of the line in one place of a role.
    pub(crate) fn index(&self, role: Role, slot: usize) -> Option<usize> {
        self.places.get(&role)?.get(slot).copied().flatten()
    }

    /// The line in one place of a role.
    pub(crate) fn place(&self, role: Role, slot: usize) -> Option<&'d Line<'a>> {
        self.line(self.index(role, slot)?)
    }

    /// The texts of a role that is a list.
    pub(crate) fn list(&self, role: Role) -> Vec<String> {
        let lines = self.places(role).into_iter().flatten().filter_map(|index| self.line(index));
        let texts = lines.flat_map(|line| match role {
            Role::Categories => text::read_list(line),
            _ => vec![text::read(line)],
        });
        texts.filter(|text| !text.is_empty()).collect()
    }
}

fn places(role: Role, candidates: &[Candidate<usize>]) -> Vec<Option<usize>> {
    match role.slots() {
        usize::MAX => candidates.iter().map(|candidate| Some(candidate.line)).collect(),
        slots => assign(candidates, slots),
    }
}

/// Some clients write a line for each field of their form, empty ones too. Such a line takes no place.
fn has_value(line: &Line<'_>, role: Role) -> bool {
    match role {
        Role::Picture => !line.value_bytes().is_empty(),
        _ => role.components().is_some() || !text::read(line).is_empty(),
    }
}
