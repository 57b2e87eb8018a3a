//! What came back.

use actix_web::http::header::HeaderMap;
use dav_wire::name::dav;
use dav_wire::xml::{Element, Limits, parse};

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<String> {
        self.headers.get(name).map(|value| value.to_str().unwrap().to_owned())
    }

    pub(crate) fn document(&self) -> Element {
        parse(self.body.as_bytes(), &Limits::REPORT).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The local name of the precondition that did not hold.
    pub(crate) fn unmet(&self) -> String {
        let error = self.document();
        assert_eq!(error.name(), dav::ERROR, "{self:?}");
        let condition = error.children().next().unwrap();
        condition.name().local().to_owned()
    }

    /// Status and precondition.
    pub(crate) fn refusal(&self) -> (u16, String) {
        (self.status, self.unmet())
    }

    pub(crate) fn responses(&self) -> Vec<Response> {
        assert_eq!(self.status, 207, "{self:?}");
        let document = self.document();
        assert_eq!(document.name(), dav::MULTISTATUS);
        let responses = document.children().filter(|child| child.name() == dav::RESPONSE);
        responses.map(|response| Response(response.clone())).collect()
    }

    pub(crate) fn hrefs(&self) -> Vec<String> {
        self.responses().iter().map(Response::href).collect()
    }

    /// The response about a path.
    pub(crate) fn of(&self, href: &str) -> Response {
        let found = self.responses().into_iter().find(|response| response.href() == href);
        found.unwrap_or_else(|| panic!("nothing of {href}: {self:?}"))
    }

    /// The text of a property of the only response.
    pub(crate) fn text(&self, property: &str) -> Option<String> {
        let responses = self.responses();
        assert_eq!(responses.len(), 1, "{self:?}");
        responses[0].text(property)
    }

    pub(crate) fn sync_token(&self) -> String {
        self.document().child(dav::SYNC_TOKEN).unwrap().text()
    }
}

#[derive(Debug)]
pub(crate) struct Response(Element);

impl Response {
    pub(crate) fn href(&self) -> String {
        self.0.child(dav::HREF).unwrap().text()
    }

    /// The code of a response without properties.
    pub(crate) fn status(&self) -> Option<u16> {
        self.0.child(dav::STATUS).map(|status| code(&status.text()))
    }

    /// Each property with the code that it is answered with.
    pub(crate) fn properties(&self) -> Vec<(u16, Element)> {
        let propstats = self.0.children().filter(|child| child.name() == dav::PROPSTAT);
        let of = |propstat: &Element| {
            let status = code(&propstat.child(dav::STATUS).unwrap().text());
            let properties = propstat.child(dav::PROP).unwrap().children();
            properties.map(|property| (status, property.clone())).collect::<Vec<_>>()
        };
        propstats.flat_map(of).collect()
    }

    pub(crate) fn code_of(&self, property: &str) -> Option<u16> {
        let mut found = self.properties().into_iter();
        found.find(|(_, element)| element.name().local() == property).map(|(status, _)| status)
    }

    /// A property that is there.
    pub(crate) fn property(&self, name: &str) -> Option<Element> {
        let mut found = self.properties().into_iter();
        found
            .find(|(status, element)| *status == 200 && element.name().local() == name)
            .map(|(_, found)| found)
    }

    pub(crate) fn text(&self, name: &str) -> Option<String> {
        self.property(name).map(|element| element.text())
    }

    /// The paths in a property.
    pub(crate) fn paths(&self, name: &str) -> Vec<String> {
        let property = self.property(name);
        property.iter().flat_map(Element::children).map(Element::text).collect()
    }

    /// The local names of what lies in a property, however deep.
    pub(crate) fn names(&self, name: &str) -> Vec<String> {
        let mut found = Vec::new();
        let mut waiting: Vec<Element> =
            self.property(name).iter().flat_map(Element::children).cloned().collect();
        waiting.reverse();
        while let Some(element) = waiting.pop() {
            found.push(element.name().local().to_owned());
            let mut inner: Vec<Element> = element.children().cloned().collect();
            inner.reverse();
            waiting.extend(inner);
        }
        found
    }
}

fn code(line: &str) -> u16 {
    line.split(' ').nth(1).unwrap().parse().unwrap()
}
