//! Which form of a body the client gets: MS-ASAIRS section 2.2.2.3.2.

use super::{BodyPreference, BodyType, MimeSupport};

/// What the message has to offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Form {
    /// How the message's own text is written: [`BodyType::Plain`] or [`BodyType::Html`].
    pub native: BodyType,
    /// Whether the message is signed or encrypted (S/MIME).
    pub is_smime: bool,
}

/// The form chosen, and what remains to be done with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Choice {
    /// Which form to send.
    pub body_type: BodyType,
    /// Cut it here, in bytes.
    pub truncation_size: Option<u32>,
    /// Send size and type only: no preference takes a part, and the whole is too large.
    pub withhold: bool,
    /// Characters of preview to send, 0 for none.
    pub preview: u8,
}

/// Chooses by what the client asked, what the message is, and how many bytes each form has.
///
/// `size` is asked only where the answer depends on it; it may convert lazily.
///
/// - The whole message goes only to clients whose MIMESupport wants it.
/// - Otherwise the native form is preferred (R77), HTML is made of text when only HTML is asked, and text
///   of HTML. RTF is never made.
/// - A preference with AllOrNone that would be cut is passed over for the next one that gives most (R80).
/// - Without any preference the plain text is sent whole.
#[must_use]
pub fn choose(
    preferences: &[BodyPreference],
    mime_support: MimeSupport,
    form: Form,
    size: impl Fn(BodyType) -> u64,
) -> Choice {
    let wants_mime = match mime_support {
        MimeSupport::Never => false,
        MimeSupport::SmimeOnly => form.is_smime,
        MimeSupport::Always => true,
    };
    let mut order: Vec<&BodyPreference> = preferences
        .iter()
        .filter(|preference| match preference.body_type {
            BodyType::Mime => wants_mime,
            BodyType::Plain | BodyType::Html => true,
            BodyType::Rtf => false,
        })
        .collect();
    let rank = |preference: &&BodyPreference| match preference.body_type {
        BodyType::Mime => 0,
        other if other == form.native => 1,
        BodyType::Html => 2,
        BodyType::Plain | BodyType::Rtf => 3,
    };
    order.sort_by_key(rank);
    let fits = |preference: &&&BodyPreference| match preference.truncation_size {
        Some(limit) if preference.all_or_none => size(preference.body_type) <= u64::from(limit),
        _ => true,
    };
    match (order.iter().find(fits), order.first()) {
        (Some(preference), _) => chosen(preference, false),
        (None, Some(preference)) => chosen(preference, true),
        (None, None) => fallback(preferences),
    }
}

fn chosen(preference: &BodyPreference, withhold: bool) -> Choice {
    Choice {
        body_type: preference.body_type,
        truncation_size: preference.truncation_size,
        withhold,
        preview: preference.preview,
    }
}

/// Nothing that was asked for can be given: plain text, under the size that was named.
fn fallback(preferences: &[BodyPreference]) -> Choice {
    let asked = preferences.first();
    Choice {
        body_type: BodyType::Plain,
        truncation_size: asked.and_then(|preference| preference.truncation_size),
        withhold: false,
        preview: asked.map_or(0, |preference| preference.preview),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prefer(body_type: BodyType, truncation_size: Option<u32>, all_or_none: bool) -> BodyPreference {
        BodyPreference { body_type, truncation_size, all_or_none, preview: 0 }
    }

    const PLAIN: Form = Form { native: BodyType::Plain, is_smime: false };
    const HTML: Form = Form { native: BodyType::Html, is_smime: false };

    // MS-ASAIRS R77
    #[test]
    fn the_native_form_is_preferred() {
        let both = [prefer(BodyType::Plain, Some(10), false), prefer(BodyType::Html, Some(20), false)];
        let choice = choose(&both, MimeSupport::Never, HTML, |_| 100);
        assert_eq!(
            (choice.body_type, choice.truncation_size, choice.withhold),
            (BodyType::Html, Some(20), false)
        );
        assert_eq!(choose(&both, MimeSupport::Never, PLAIN, |_| 100).body_type, BodyType::Plain);
    }

    #[test]
    fn the_form_asked_for_is_made_if_it_is_the_only_one() {
        let html = [prefer(BodyType::Html, None, false)];
        assert_eq!(choose(&html, MimeSupport::Never, PLAIN, |_| 1).body_type, BodyType::Html);
        let plain = [prefer(BodyType::Plain, None, false)];
        assert_eq!(choose(&plain, MimeSupport::Never, HTML, |_| 1).body_type, BodyType::Plain);
    }

    /// MS-ASAIRS R385, R399: HTML whole or not at all, else text.
    // MS-ASAIRS R78 R80
    #[test]
    fn all_or_none_moves_to_the_next_preference() {
        let both = [prefer(BodyType::Html, Some(50), true), prefer(BodyType::Plain, Some(50), false)];
        assert_eq!(choose(&both, MimeSupport::Never, HTML, |_| 51).body_type, BodyType::Plain);
        assert_eq!(choose(&both, MimeSupport::Never, HTML, |_| 50).body_type, BodyType::Html);
        let only = choose(&both[..1], MimeSupport::Never, HTML, |_| 51);
        assert!(only.withhold && only.body_type == BodyType::Html);
        // R75: without a size AllOrNone means nothing.
        let endless = [prefer(BodyType::Html, None, true)];
        assert!(!choose(&endless, MimeSupport::Never, HTML, |_| u64::MAX).withhold);
    }

    #[test]
    fn the_whole_message_goes_only_where_it_is_wanted() {
        let asked = [prefer(BodyType::Plain, None, false), prefer(BodyType::Mime, Some(9), false)];
        let smime = Form { native: BodyType::Plain, is_smime: true };
        for (support, form, expected) in [
            (MimeSupport::Never, smime, BodyType::Plain),
            (MimeSupport::SmimeOnly, PLAIN, BodyType::Plain),
            (MimeSupport::SmimeOnly, smime, BodyType::Mime),
            (MimeSupport::Always, PLAIN, BodyType::Mime),
        ] {
            assert_eq!(choose(&asked, support, form, |_| 5).body_type, expected, "{support:?}");
        }
        let only_mime = choose(&asked[1..], MimeSupport::Never, PLAIN, |_| 5);
        assert_eq!((only_mime.body_type, only_mime.truncation_size), (BodyType::Plain, Some(9)));
        assert_eq!(choose(&[], MimeSupport::Never, HTML, |_| 5).body_type, BodyType::Plain);
        let rtf = [prefer(BodyType::Rtf, Some(7), true)];
        assert_eq!(choose(&rtf, MimeSupport::Never, HTML, |_| 5).body_type, BodyType::Plain);
    }
}
