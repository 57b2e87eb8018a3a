//! PROPPATCH of a schedule inbox: RFC 6638 section 9.2.

use dav_wire::method::Instruction;
use dav_wire::{Href, Precondition, Property, PropertyAnswer, Status, Value};
use storage::{Error, Read, Refusal, Scope, right};
use vocabulary::{CollectionId, CollectionKind, Home};
use workflow::meeting::DEFAULT_CALENDAR;

use crate::address::FolderAddress;
use crate::call::{Answer, Call, Failure, settled};
use crate::condition::Conditions;
use crate::location::Location;
use crate::property::{Changes, Occasion};

/// Sets properties of an inbox; the answers about them, which are all of success or all of failure.
pub(crate) async fn patch(
    call: &Call,
    address: FolderAddress,
    conditions: Conditions,
    instructions: Vec<Instruction>,
) -> Answer<Result<Vec<PropertyAnswer>, Vec<PropertyAnswer>>> {
    let (default, others): (Vec<_>, Vec<_>) = instructions.into_iter().partition(is_of_default_calendar);
    let changes = Changes::check(others.clone(), Occasion::Later);
    let chosen = match default.last() {
        None => Ok(None),
        Some(instruction) => chosen(call, instruction).await?.map(Some),
    };
    let default_name = || Property::ScheduleDefaultCalendarUrl;
    let (changes, chosen) = match (changes, chosen) {
        (Ok(changes), Ok(chosen)) => (changes, chosen),
        (Err(mut answers), _) => {
            if !default.is_empty() {
                answers.push(PropertyAnswer::failed(default_name(), Status::FAILED_DEPENDENCY, None));
            }
            return Ok(Err(answers));
        }
        (Ok(changes), Err(why)) => {
            let mut answers = vec![PropertyAnswer::failed(default_name(), why.status(), Some(why))];
            let failed =
                |one: PropertyAnswer| PropertyAnswer::failed(one.name, Status::FAILED_DEPENDENCY, None);
            answers.extend(changes.done().into_iter().map(failed));
            return Ok(Err(answers));
        }
    };
    let mut answers = changes.done();
    answers.extend(chosen.is_some().then(|| PropertyAnswer::done(default_name())));
    let accounts = call.accounts(address.owner.id);
    let write = call.write(&accounts, move |tx| {
        let grant = address.open::<right::Lookup>(tx)?;
        if let Err(failure) = conditions.check_collection(&address, &grant) {
            return Ok(Err(failure));
        }
        if let Some(calendar) = &chosen {
            tx.put_setting(Scope::Account(address.owner.id), DEFAULT_CALENDAR, calendar)?;
        }
        changes.apply(tx, &address).map(Ok)
    });
    settled(write.await)?;
    Ok(Ok(answers))
}

fn is_of_default_calendar(instruction: &Instruction) -> bool {
    let name = match instruction {
        Instruction::Set(element) => element.name(),
        Instruction::Remove(name) => name.name(),
    };
    name == Property::ScheduleDefaultCalendarUrl.name()
}

/// What the setting is to say; nothing, where the account's first calendar shall be the one again.
async fn chosen(call: &Call, instruction: &Instruction) -> Answer<Result<String, Precondition>> {
    let Instruction::Set(element) = instruction else { return Ok(Ok(String::new())) };
    let refused = || Ok(Err(Precondition::ValidScheduleDefaultCalendarUrl));
    let Ok(Value::Href(text)) = Property::ScheduleDefaultCalendarUrl.read(element) else { return refused() };
    let Some(Location::Collection(location)) = Href::parse(&text).ok().and_then(|href| Location::of(&href))
    else {
        return refused();
    };
    if location.home != Home::Calendars {
        return refused();
    }
    match find(call, &call.folder(&location).await).await? {
        Some(id) => Ok(Ok(id.to_string())),
        None => refused(),
    }
}

/// A calendar of one's own.
async fn find(call: &Call, address: &Answer<FolderAddress>) -> Answer<Option<CollectionId>> {
    let Ok(address) = address else { return Ok(None) };
    if address.owner.id != call.account().id {
        return Ok(None);
    }
    let address = address.clone();
    let found = call.store().read(call.principal(), move |tx: &Read<'_>| {
        let grant = address.open::<right::Insert>(tx)?;
        let is_calendar = grant.collection().kind == CollectionKind::Calendar;
        Ok(is_calendar.then(|| grant.collection().id))
    });
    match found.await {
        Err(Error::Refusal(Refusal::NotFound(_) | Refusal::Denied { .. })) => Ok(None),
        found => found.map_err(Failure::from),
    }
}
