//! Whatever tree arrives, each reader answers with a value or an error.

use activesync_wire::command::{
    find, folder_change, folder_sync, get_item_estimate, item_operations, move_items, ping, provision,
    search as search_command, send_mail, settings, sync,
};
use activesync_wire::item::email::Change;
use activesync_wire::{Answer, Command, RequestError, Version};
use proptest::prelude::*;
use wbxml::page::{
    airsync, airsync_base, compose_mail, email, email2, find as find_page, folder_hierarchy,
    get_item_estimate as estimate_page, item_operations as operations_page, move_items as move_page,
    ping as ping_page, provision as provision_page, search, settings as settings_page, tasks,
};
use wbxml::{Element, Tag};

/// Roots, and elements that the readers look for.
const TAGS: &[Tag] = &[
    airsync::SYNC,
    airsync::COLLECTIONS,
    airsync::COLLECTION,
    airsync::SYNC_KEY,
    airsync::COLLECTION_ID,
    airsync::SUPPORTED,
    airsync::GET_CHANGES,
    airsync::WINDOW_SIZE,
    airsync::OPTIONS,
    airsync::COMMANDS,
    airsync::ADD,
    airsync::CHANGE,
    airsync::CLIENT_ID,
    airsync::SERVER_ID,
    airsync::APPLICATION_DATA,
    airsync::FILTER_TYPE,
    airsync::MIME_TRUNCATION,
    airsync::WAIT,
    airsync::PARTIAL,
    airsync_base::BODY_PREFERENCE,
    airsync_base::TYPE,
    airsync_base::TRUNCATION_SIZE,
    airsync_base::BODY,
    airsync_base::ATTACHMENTS,
    airsync_base::ADD,
    airsync_base::CONTENT,
    airsync_base::FILE_REFERENCE,
    email::FLAG,
    email::STATUS,
    email::READ,
    email::CATEGORIES,
    email2::SEND,
    tasks::START_DATE,
    folder_hierarchy::FOLDER_SYNC,
    folder_hierarchy::FOLDER_CREATE,
    folder_hierarchy::FOLDER_UPDATE,
    folder_hierarchy::SYNC_KEY,
    folder_hierarchy::TYPE,
    ping_page::PING,
    ping_page::FOLDERS,
    ping_page::FOLDER,
    ping_page::ID,
    ping_page::HEARTBEAT_INTERVAL,
    provision_page::PROVISION,
    provision_page::POLICIES,
    provision_page::POLICY,
    provision_page::POLICY_TYPE,
    provision_page::REMOTE_WIPE,
    settings_page::SETTINGS,
    settings_page::DEVICE_INFORMATION,
    settings_page::SET,
    compose_mail::SEND_MAIL,
    compose_mail::SMART_REPLY,
    compose_mail::SOURCE,
    compose_mail::MIME,
    compose_mail::CLIENT_ID,
    operations_page::ITEM_OPERATIONS,
    operations_page::FETCH,
    operations_page::STORE,
    operations_page::OPTIONS,
    operations_page::RANGE,
    operations_page::MOVE,
    operations_page::CONVERSATION_ID,
    search::LONG_ID,
    search::SEARCH,
    search::STORE,
    search::NAME,
    search::QUERY,
    search::AND,
    search::FREE_TEXT,
    search::GREATER_THAN,
    search::VALUE,
    search::RANGE,
    search::OPTIONS,
    find_page::FIND,
    find_page::SEARCH_ID,
    find_page::EXECUTE_SEARCH,
    find_page::MAIL_BOX_SEARCH_CRITERION,
    find_page::GAL_SEARCH_CRITERION,
    find_page::QUERY,
    find_page::FREE_TEXT,
    find_page::OPTIONS,
    find_page::RANGE,
    move_page::MOVE_ITEMS,
    move_page::MOVE,
    move_page::DST_FLD_ID,
    estimate_page::GET_ITEM_ESTIMATE,
    estimate_page::COLLECTIONS,
    estimate_page::COLLECTION,
];

fn elements() -> impl Strategy<Value = Element> {
    let tag = || prop::sample::select(TAGS);
    let text = prop_oneof!["[0-9]{0,20}", "\\PC{0,12}", Just("-1".to_owned()), Just("0".to_owned())];
    let leaf = prop_oneof![
        (tag(), text).prop_map(|(tag, text)| Element::text(tag, text)),
        (tag(), prop::collection::vec(any::<u8>(), 0..8))
            .prop_map(|(tag, bytes)| Element::opaque(tag, bytes)),
        tag().prop_map(Element::new),
    ];
    leaf.prop_recursive(5, 40, 6, move |inner| {
        (tag(), prop::collection::vec(inner, 0..6))
            .prop_map(|(tag, children)| children.into_iter().fold(Element::new(tag), Element::with))
    })
}

fn refusals(root: &Element) -> Vec<RequestError> {
    [
        sync::Request::parse(root).err(),
        folder_sync::Request::parse(root).err(),
        folder_change::Request::parse(root).err(),
        ping::Request::parse(root).err(),
        provision::Request::parse(root, Version::V16_1).err(),
        send_mail::Request::parse(root, Version::V16_1).err(),
        item_operations::parse(root).err(),
        move_items::parse(root).err(),
        get_item_estimate::parse(root).err(),
        settings::parse(root).err(),
        search_command::parse(root, Version::V16_1).err(),
        find::Request::parse(root, vocabulary::Timestamp(0)).err(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn any_tree_is_read_or_refused(mut root in elements(), roots in prop::sample::select(TAGS)) {
        refusals(&root);
        root.tag = roots;
        for error in refusals(&root) {
            for command in Command::supported() {
                for version in Version::ALL {
                    match error.answer(command, version) {
                        Answer::Http(code) => prop_assert!((400..600).contains(&code)),
                        Answer::Document(document) => prop_assert!(document.children().count() >= 1),
                    }
                }
            }
        }
        for version in Version::ALL {
            let _ = Change::parse(&root, version);
        }
    }
}
