//! `Tag(Tag=text Page:Tag)`.

/// One element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tree {
    pub(crate) tag: String,
    pub(crate) text: Option<String>,
    pub(crate) children: Vec<Tree>,
}

/// Reads one element that is the whole text.
pub(crate) fn parse(text: &str) -> Tree {
    let mut rest = text.trim();
    let tree = element(&mut rest);
    assert!(rest.trim().is_empty(), "{rest:?} stands behind the end of {text}");
    tree
}

fn element(rest: &mut &str) -> Tree {
    let end = rest.find(['(', ')', '=', ' ']).unwrap_or(rest.len());
    let (tag, after) = rest.split_at(end);
    assert!(!tag.is_empty(), "a tag before {after:?}");
    let mut tree = Tree { tag: tag.to_owned(), text: None, children: Vec::new() };
    *rest = after;
    if let Some(after) = rest.strip_prefix('=') {
        let (text, after) = match after.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').unwrap_or_else(|| panic!("no end of the text {after}")),
            None => after.split_at(after.find(['(', ')', ' ']).unwrap_or(after.len())),
        };
        tree.text = Some(text.to_owned());
        *rest = after;
    } else if let Some(after) = rest.strip_prefix('(') {
        *rest = after.trim_start();
        while !rest.starts_with(')') {
            assert!(!rest.is_empty(), "{tag} is not closed");
            tree.children.push(element(rest));
            *rest = rest.trim_start();
        }
        *rest = &rest[1..];
    }
    tree
}

#[test]
fn elements_texts_and_nothing_are_read() {
    let leaf = |tag: &str, text: Option<&str>| Tree {
        tag: tag.to_owned(),
        text: text.map(str::to_owned),
        children: vec![],
    };
    let tree = parse("A:Sync(Key=0 Name=\"two words\" B:Empty -Gone)");
    let children = vec![
        leaf("Key", Some("0")),
        leaf("Name", Some("two words")),
        leaf("B:Empty", None),
        leaf("-Gone", None),
    ];
    assert_eq!(tree, Tree { tag: "A:Sync".to_owned(), text: None, children });
}
