//! Notes of an item as plain text and as HTML, and the body that a phone sees of them.

use mime::{html_to_text, text_to_html};

use super::Edit;
use crate::body::{BodyPreference, BodyType, Form, MimeSupport, choose, scrub};
use crate::item::{Body, BodyData, Sent};

/// What is stored. Lines end in `\n`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Notes {
    /// As plain text.
    pub(crate) plain: Option<String>,
    /// As HTML, where the format has a place for it.
    pub(crate) html: Option<String>,
}

impl Notes {
    /// How they are stored: HTML if there is any.
    pub(crate) fn native(&self) -> BodyType {
        if self.html.is_some() { BodyType::Html } else { BodyType::Plain }
    }

    fn is_empty(&self) -> bool {
        self.plain.as_deref().unwrap_or_default().is_empty()
            && self.html.as_deref().unwrap_or_default().is_empty()
    }

    fn as_plain(&self) -> String {
        match (&self.plain, &self.html) {
            (Some(plain), _) => plain.clone(),
            (None, Some(html)) => html_to_text(html),
            (None, None) => String::new(),
        }
    }

    fn as_html(&self) -> String {
        self.html.clone().unwrap_or_else(|| text_to_html(self.plain.as_deref().unwrap_or_default()))
    }

    fn form(&self, body_type: BodyType) -> String {
        if body_type == BodyType::Html { self.as_html() } else { self.as_plain() }
    }

    /// The body in the form that the client prefers (MS-ASAIRS section 2.2.2.3.2); an empty one if there are
    /// no notes, so that it takes old ones away.
    pub(crate) fn body(&self, preferences: &[BodyPreference]) -> Body {
        let form = Form { native: self.native(), is_smime: false };
        let size = |body_type| u64::try_from(scrub(&self.form(body_type)).len()).unwrap_or(u64::MAX);
        let choice = choose(preferences, MimeSupport::Never, form, size);
        if self.is_empty() {
            let data = Some(BodyData::Text(String::new()));
            let body_type = choice.body_type;
            return Body { body_type, estimated_data_size: 0, truncated: false, data, preview: None };
        }
        Body::text(choice, &self.form(choice.body_type), &self.as_plain())
    }

    /// What becomes of them when a client sends this body.
    ///
    /// Text that only repeats what was shown, cut or converted, is no change: clients send HTML back that
    /// the server made, and read it into something equal.
    pub(crate) fn edit(&self, sent: &Sent<Body>, preferences: &[BodyPreference]) -> Edit<Self> {
        let Sent::Value(Body { body_type, data: Some(BodyData::Text(text)), .. }) = sent else {
            return if *sent == Sent::Empty && !self.is_empty() { Edit::Clear } else { Edit::Keep };
        };
        let shown = self.body(preferences);
        let repeats =
            shown.body_type == *body_type && shown.data.as_ref() == Some(&BodyData::Text(text.clone()));
        if repeats || is_same_text(text, &scrub(&self.form(*body_type))) {
            return Edit::Keep;
        }
        if text.trim().is_empty() {
            return if self.is_empty() { Edit::Keep } else { Edit::Clear };
        }
        let text = text.replace("\r\n", "\n");
        if *body_type != BodyType::Html {
            return Edit::Set(Self { plain: Some(text), html: None });
        }
        let plain = html_to_text(&text).trim_end().to_owned();
        if is_same_text(&plain, &self.as_plain()) && self.html.is_none() {
            return Edit::Keep;
        }
        Edit::Set(Self { plain: Some(plain), html: Some(text) })
    }
}

/// Whether two texts differ at most in their line ends and in blanks at the end of lines.
fn is_same_text(one: &str, other: &str) -> bool {
    one.trim_end().lines().map(str::trim_end).eq(other.trim_end().lines().map(str::trim_end))
}
