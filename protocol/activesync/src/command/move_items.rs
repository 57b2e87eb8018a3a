//! MoveItems: items to other folders. MS-ASCMD section 2.2.1.12.

use wbxml::Element;
use wbxml::page::move_items as page;

use crate::error::RequestError;
use crate::parse;
use crate::status::MoveStatus;

/// Most moves of one request.
pub const MOVES_MAX: usize = 1000;

/// One item and where it shall go. Ids are as the client sent them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Move {
    /// The item.
    pub item: String,
    /// The folder that it is in.
    pub from: String,
    /// The folder that it shall be in; `None` if the request named several, which is answered with
    /// [`MoveStatus::Failed`] (MS-ASCMD R4221).
    pub to: Option<String>,
}

/// What became of one [`Move`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// The item as the client named it.
    pub item: String,
    /// How it went.
    pub status: MoveStatus,
    /// Its new id, if it was moved.
    pub new_id: Option<String>,
}

/// Reads `<MoveItems>`.
///
/// # Errors
/// Status 103 if there is no move, one is incomplete, or there are too many.
pub fn parse(root: &Element) -> Result<Vec<Move>, RequestError> {
    parse::expect_root(root, page::MOVE_ITEMS)?;
    let mut moves = Vec::new();
    for element in root.all(page::MOVE) {
        if moves.len() == MOVES_MAX {
            return Err(RequestError::Structure("too many moves"));
        }
        let several = element.all(page::DST_FLD_ID).count() > 1;
        let to = parse::required(element, page::DST_FLD_ID, "Move has no DstFldId")?;
        moves.push(Move {
            item: parse::required(element, page::SRC_MSG_ID, "Move has no SrcMsgId")?,
            from: parse::required(element, page::SRC_FLD_ID, "Move has no SrcFldId")?,
            to: (!several).then_some(to),
        });
    }
    if moves.is_empty() {
        return Err(RequestError::Structure("MoveItems has no Move"));
    }
    Ok(moves)
}

/// The answer, one Response for each move.
#[must_use]
pub fn answer(moved: impl IntoIterator<Item = Moved>) -> Element {
    let mut document = Element::new(page::MOVE_ITEMS);
    for one in moved {
        let mut response = Element::new(page::RESPONSE)
            .with(Element::text(page::SRC_MSG_ID, one.item))
            .with(Element::text(page::STATUS, one.status.code().to_string()));
        if let Some(id) = one.new_id {
            response.push(Element::text(page::DST_MSG_ID, id));
        }
        document.push(response);
    }
    document
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one_move(to: &[&str]) -> Element {
        let mut element = Element::new(page::MOVE)
            .with(Element::text(page::SRC_MSG_ID, "1w5x1"))
            .with(Element::text(page::SRC_FLD_ID, "1w5"));
        for folder in to {
            element.push(Element::text(page::DST_FLD_ID, *folder));
        }
        element
    }

    #[test]
    fn moves_are_read_in_order() {
        let root = Element::new(page::MOVE_ITEMS).with(one_move(&["1w6"])).with(one_move(&["1w6", "1w7"]));
        let moves = parse(&root).unwrap();
        assert_eq!(moves[0], Move { item: "1w5x1".into(), from: "1w5".into(), to: Some("1w6".into()) });
        assert_eq!(moves[1].to, None);
    }

    #[test]
    fn incomplete_moves_are_refused() {
        assert!(parse(&Element::new(page::MOVE_ITEMS)).is_err());
        assert!(parse(&Element::new(page::MOVE_ITEMS).with(one_move(&[]))).is_err());
        let mut many = Element::new(page::MOVE_ITEMS);
        for _ in 0..MOVES_MAX {
            many.push(one_move(&["1w6"]));
        }
        assert_eq!(parse(&many).unwrap().len(), MOVES_MAX);
        many.push(one_move(&["1w6"]));
        assert!(parse(&many).is_err());
    }

    #[test]
    fn the_answer_names_the_new_id_on_success_only() {
        let document = answer([
            Moved { item: "a".into(), status: MoveStatus::Success, new_id: Some("b".into()) },
            Moved { item: "c".into(), status: MoveStatus::InvalidSource, new_id: None },
        ]);
        let responses: Vec<_> = document.all(page::RESPONSE).collect();
        let tags: Vec<_> = responses[0].children().map(|child| child.tag).collect();
        assert_eq!(tags, [page::SRC_MSG_ID, page::STATUS, page::DST_MSG_ID]);
        assert_eq!(responses[0].child_value(page::STATUS).as_deref(), Some("3"));
        assert_eq!(responses[1].child_value(page::STATUS).as_deref(), Some("1"));
        assert!(responses[1].child(page::DST_MSG_ID).is_none());
    }
}
