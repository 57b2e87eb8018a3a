//! Requests as two clients of other makers send them, byte for byte: a probe of the protocol (14.1 to 16.1) and
//! pyactivesync 0.17.0 from PyPI (16.1), recorded 2026-11-23 with ids and keys of ours.

use activesync_wire::RequestError;
use activesync_wire::Version;
use activesync_wire::body::{BodyType, MimeSupport};
use activesync_wire::command::folder_change::Change as FolderChange;
use activesync_wire::command::item_operations::{Operation, Target};
use activesync_wire::command::provision::Phase;
use activesync_wire::command::settings::Part;
use activesync_wire::command::sync::{ClientCommand, FilterType};
use activesync_wire::command::{
    folder_change, folder_sync, get_item_estimate, item_operations, move_items, ping, provision, send_mail,
    settings, sync,
};
use activesync_wire::item::email::{Change, FlagChange};
use activesync_wire::sync_key::ClientKey;
use wbxml::{Element, Limits, decode};

const PROBE_PROVISION: &str = "\
    03016a00000e4500125648570365617370726f62650001580333353030303030303030303030303000015903\
    65617370726f626500015a034c696e757800015b03656e0001600365617370726f62652f312e300001010100\
    0e464748034d532d4541532d50726f766973696f6e696e672d5742584d4c0001010101";
const PROBE_FOLDER_SYNC: &str = "03016a00000756520330000101";
const PROBE_PRIME: &str = "03016a00455c4f4b0330000152033177350001010101";
const PROBE_SYNC: &str = "\
    03016a00455c4f4b03332e310001520331773500015303310001550331303000015758033000010011454603\
    310001470335313200010101010101";
const PROBE_FLAG: &str = "\
    03016a00455c4f4b03332e320001520331773500015303310001575803300001001145460331000147033531\
    3200010101000056484d03317735783200015d000255033100017a7b033200017d03466c616720666f722066\
    6f6c6c6f77207570000101010101010101";
const PROBE_DELETE: &str = "\
    03016a00455c4f4b03332e320001520331773500015e03310001530331000157580330000100114546033100\
    01470335313200010101000056494d03317735783200010101010101";
const PROBE_FETCH: &str = "\
    03016a000014454647034d61696c626f7800010000520331773500014d033177357832000100144800006203\
    320001001145460334000101010101";
const PROBE_SEND: &str = "03016a00001545510361626300010850c314546f3a206140622e746573740d0a0d0a68690d0a0101";
const PROBE_PING: &str = "\
    03016a00000d45480336300001494a4b0331773500014c03456d61696c0001014a4b0331773600014c034361\
    6c656e6461720001010101";
const PROBE_HUGE_WAIT: &str = "03016a00455c4f4b03332e320001520331773500015303310001010169033939393939000101";
const PROBE_ESTIMATE: &str =
    "03016a00000645474800004b03332e32000100064a0331773500010000575003456d61696c000101010101";
const PROBE_MOVE: &str = "03016a000005454647033177357832000148033177350001490331773600010101";
const PROBE_DEVICE: &str = "03016a00001245564857036d00015a036f00015903660001010101";
const PROBE_USER: &str = "03016a000012455d070101";
const PROBE_CREATE: &str = "03016a000007535203312e3100014903300001470370726f626520c3bc203100014a033132000101";
const PY_PROVISION: &str = "\
    03016a00000e45001256485703707961637469766573796e6300015903707961637469766573796e6320636c\
    69656e7400015a034c696e757800016003707961637469766573796e632f302e3100010101000e464748034d\
    532d4541532d50726f766973696f6e696e672d5742584d4c0001010101";
const PY_SYNC: &str = "03016a00455c4f4b03332e3100015203317735000155033235000157580332000101010101";
const PY_FLAG: &str = "\
    03016a00455c4f4b03332e320001520331773500015e03310001530330000156484d03317735783200015d00\
    0255033100017a7b033200017d03466c616720666f7220666f6c6c6f77207570000100095e03323032362d31\
    312d32335430313a31303a30382e3030305a00015f03323032362d31312d32335430313a31303a30382e3030\
    305a00014c03323032362d31312d32335430313a31303a30382e3030305a00014d03323032362d31312d3233\
    5430313a31303a30382e3030305a00010101010000494d03317735783300010101010101";
const PY_DRAFT: &str = "\
    03016a00455c4f4b03332e32000152033177350001530330000156474c03643100015d00114a46033400014b\
    03546f3a206140622e746573740d0a5375626a6563743a20780d0a436f6e74656e742d547970653a20746578\
    742f706c61696e3b20636861727365743d227574662d38220d0a436f6e74656e742d5472616e736665722d45\
    6e636f64696e673a20376269740d0a4d494d452d56657273696f6e3a20312e300d0a0d0a68690d0a00010100\
    025503300001010101010101";
const PY_ESTIMATE: &str = "03016a00000645474800004b03332e32000100064a033177350001010101";
const PY_FETCH: &str = "\
    03016a000014454647034d61696c626f7800010000520331773500014d033177357832000100144800114546\
    0332000101010101";

fn document(hexadecimal: &str) -> Element {
    let digits: Vec<u8> = hexadecimal.chars().map(|c| c.to_digit(16).unwrap() as u8).collect();
    let bytes: Vec<u8> = digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect();
    decode(&bytes, &Limits::default()).unwrap()
}

#[test]
fn both_clients_provision() {
    for (recorded, model) in [(PROBE_PROVISION, "easprobe"), (PY_PROVISION, "pyactivesync")] {
        let request = provision::Request::parse(&document(recorded), Version::V16_1).unwrap();
        assert_eq!(request.device.unwrap().model.as_deref(), Some(model));
        assert_eq!(request.phase, Phase::Ask { policy_type: provision::POLICY_TYPE.into() });
    }
}

#[test]
fn the_hierarchy_is_asked_for_and_changed() {
    assert_eq!(folder_sync::Request::parse(&document(PROBE_FOLDER_SYNC)).unwrap().key, ClientKey::Initial);
    let create = folder_change::Request::parse(&document(PROBE_CREATE)).unwrap();
    assert!(matches!(create.change, FolderChange::Create { name, .. } if name == "probe ü 1"));
}

#[test]
fn collections_are_primed_and_read() {
    let root = document(PROBE_PRIME);
    let prime = sync::Request::parse(&root).unwrap();
    assert_eq!((prime.collections[0].key, prime.collections[0].get_changes), (ClientKey::Initial, false));

    let root = document(PROBE_SYNC);
    let read = sync::Request::parse(&root).unwrap();
    let options = &read.collections[0].options.as_ref().unwrap()[0];
    assert_eq!((options.filter_type, read.collections[0].window_size), (FilterType::All, 100));
    assert_eq!(options.body_preferences[0].truncation_size, Some(512));

    let root = document(PY_SYNC);
    let read = sync::Request::parse(&root).unwrap();
    assert_eq!(read.collections[0].options.as_ref().unwrap()[0].filter_type, FilterType::ThreeDays);
    assert_eq!(read.collections[0].window_size, 25);
}

#[test]
fn a_heartbeat_that_is_too_long_is_told_the_limit() {
    let error = sync::Request::parse(&document(PROBE_HUGE_WAIT)).unwrap_err();
    assert!(matches!(error, RequestError::Own { status: 14, limit: Some(3540), .. }), "{error:?}");
}

#[test]
fn both_clients_flag_and_delete() {
    for recorded in [PROBE_FLAG, PY_FLAG] {
        let root = document(recorded);
        let read = sync::Request::parse(&root).unwrap();
        let ClientCommand::Change { server_id, data: Some(data), send: false, .. } =
            &read.collections[0].commands[0]
        else {
            panic!("{read:?}")
        };
        let change = Change::parse(data, Version::V16_1).unwrap();
        assert_eq!((server_id.as_str(), change.read), ("1w5x2", Some(true)));
        assert!(matches!(change.flag, Some(FlagChange::Set(_))) && change.draft.is_none());
    }
    let root = document(PROBE_DELETE);
    let read = sync::Request::parse(&root).unwrap();
    assert!(read.collections[0].deletes_as_moves);
    let expected = ClientCommand::Delete { server_id: "1w5x2".into(), instance_id: None };
    assert_eq!(read.collections[0].commands, [expected]);
    let root = document(PY_FLAG);
    let read = sync::Request::parse(&root).unwrap();
    assert!(
        matches!(&read.collections[0].commands[1], ClientCommand::Delete { server_id, .. } if server_id == "1w5x3")
    );
}

#[test]
fn a_whole_message_can_be_a_draft() {
    let root = document(PY_DRAFT);
    let read = sync::Request::parse(&root).unwrap();
    let ClientCommand::Add { client_id, data, send: false, .. } = &read.collections[0].commands[0] else {
        panic!("{read:?}")
    };
    assert_eq!(client_id, "d1");
    let draft = Change::parse(data, Version::V16_1).unwrap().draft.unwrap();
    let (body_type, message) = draft.body.unwrap();
    assert!(body_type == BodyType::Mime && message.starts_with(b"To: a@b.test\r\n"));
}

#[test]
fn items_are_fetched() {
    for (recorded, body_type, support) in
        [(PROBE_FETCH, BodyType::Mime, MimeSupport::Always), (PY_FETCH, BodyType::Html, MimeSupport::Never)]
    {
        let operations = item_operations::parse(&document(recorded)).unwrap();
        let Operation::Fetch(fetch) = &operations[0] else { panic!("{operations:?}") };
        assert_eq!(fetch.target, Target::Item { collection_id: "1w5".into(), server_id: "1w5x2".into() });
        assert_eq!(fetch.options.body_preferences[0].body_type, body_type);
        assert_eq!(fetch.options.mime_support, support);
    }
}

#[test]
fn the_other_commands_are_read() {
    let root = document(PROBE_SEND);
    let send = send_mail::Request::parse(&root, Version::V16_1).unwrap();
    assert!(send.save_in_sent && send.client_id.as_deref() == Some("abc") && send.mime.starts_with(b"To: "));

    let ping = ping::Request::parse(&document(PROBE_PING)).unwrap();
    assert_eq!((ping.heartbeat, ping.folders.unwrap().len()), (Some(60), 2));

    for recorded in [PROBE_ESTIMATE, PY_ESTIMATE] {
        assert_eq!(get_item_estimate::parse(&document(recorded)).unwrap()[0].id, "1w5");
    }
    assert_eq!(move_items::parse(&document(PROBE_MOVE)).unwrap()[0].to.as_deref(), Some("1w6"));
    assert!(matches!(settings::parse(&document(PROBE_DEVICE)).unwrap()[..], [Part::DeviceInformation(_)]));
    assert_eq!(settings::parse(&document(PROBE_USER)).unwrap(), [Part::UserInformation]);
}
