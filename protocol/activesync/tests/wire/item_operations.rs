//! Answers of ItemOperations, in one piece and multipart: MS-ASCMD section 2.2.1.10.1.

use activesync_wire::command::item_operations::{AttachmentAnswer, ResponseWriter, Target};
use activesync_wire::item::Class;
use activesync_wire::status::ItemOperationsStatus;
use wbxml::page::email;

use crate::tree::tree;

fn item() -> Target {
    Target::Item { collection_id: "1w5".into(), server_id: "1w5x2".into() }
}

fn file() -> Target {
    Target::FileReference("1w5x2y0".into())
}

fn attachment(range: Option<(u64, u64)>) -> AttachmentAnswer {
    AttachmentAnswer { content_type: "image/png".into(), range, data: vec![1, 2, 3] }
}

#[test]
fn each_operation_has_its_answer_in_order() {
    let mut answer = ResponseWriter::new(false);
    answer.item(&item(), Class::Email, |out| out.writer.text(email::SUBJECT, "s"));
    answer.attachment(&file(), attachment(None));
    answer.attachment(&file(), attachment(Some((10, 20))));
    answer.fetch_failed(&Target::LongId("l".into()), ItemOperationsStatus::NotFound);
    answer.emptied("1w6", ItemOperationsStatus::Success);
    answer.moved(&[9], ItemOperationsStatus::MoveAlwaysMissing);
    let body = answer.finish();
    assert_eq!(body.content_type, "application/vnd.ms-sync.wbxml");
    assert_eq!(
        tree(&body.bytes),
        "ItemOperations(Status=1 Response(\
         Fetch(Status=1 CollectionId=1w5 ServerId=1w5x2 Class=Email Properties(Subject=s)) \
         Fetch(Status=1 FileReference=1w5x2y0 Properties(ContentType=image/png Data=AQID)) \
         Fetch(Status=1 FileReference=1w5x2y0 Properties(Range=10-12 Total=20 ContentType=image/png Data=AQID)) \
         Fetch(Status=6 LongId=l) \
         EmptyFolderContents(Status=1 CollectionId=1w6) \
         Move(Status=155 ConversationId=[09])))"
    );
}

#[test]
fn a_multipart_answer_has_a_table_that_fits() {
    let mut answer = ResponseWriter::new(true);
    answer.attachment(&file(), attachment(None));
    answer.attachment(&file(), AttachmentAnswer { data: vec![], ..attachment(None) });
    answer.attachment(&file(), AttachmentAnswer { data: vec![7; 300], ..attachment(None) });
    let body = answer.finish();
    assert_eq!(body.content_type, "application/vnd.ms-sync.multipart");

    let number = |at: usize| u32::from_le_bytes(body.bytes[at..at + 4].try_into().unwrap()) as usize;
    assert_eq!(number(0), 4);
    let parts: Vec<_> =
        (0..4).map(|part| &body.bytes[number(4 + 8 * part)..][..number(8 + 8 * part)]).collect();
    assert_eq!(number(4), 4 + 4 * 8, "the document begins behind the table");
    assert_eq!(parts[1..], [&[1, 2, 3][..], &[], &[7; 300]]);
    assert_eq!(parts.iter().map(|part| part.len()).sum::<usize>() + 36, body.bytes.len());
    let fetch =
        |part| format!("Fetch(Status=1 FileReference=1w5x2y0 Properties(ContentType=image/png Part={part}))");
    let expected = format!("ItemOperations(Status=1 Response({} {} {}))", fetch(1), fetch(2), fetch(3));
    assert_eq!(tree(parts[0]), expected);
}
