//! Names and phrases of the demo's mails. All domains are `.test` (RFC 2606 section 2).

/// The people of the demo, in the order of their numbers.
pub(crate) const PEOPLE: [(&str, &str); 6] = [
    ("Anna Huber", "anna@blumen-huber.test"),
    ("Ben Huber", "ben@blumen-huber.test"),
    ("Clara Vogt", "clara@blumen-huber.test"),
    ("David Okafor", "david@blumen-huber.test"),
    ("Emil Schröder", "emil@blumen-huber.test"),
    ("Nora Lindqvist", "nora@nachbar.test"),
];

/// Customers.
pub(crate) const CUSTOMERS: [(&str, &str); 14] = [
    ("Jörg Müller", "joerg.mueller@kundenpost.test"),
    ("Sabine Krüger", "s.krueger@kundenpost.test"),
    ("Hotel Goldener Löwe", "rezeption@goldener-loewe.test"),
    ("Gärtnerei Weiß", "info@gaertnerei-weiss.test"),
    ("Mária Szabó", "maria.szabo@postafiok.test"),
    ("François Lefèvre", "f.lefevre@courrier.test"),
    ("Standesamt Neustadt", "trauungen@neustadt.test"),
    ("Pfarramt St. Ägidius", "pfarramt@st-aegidius.test"),
    ("Yılmaz Feinkost", "bestellung@yilmaz-feinkost.test"),
    ("Łukasz Nowak", "lukasz@nowak.test"),
    ("Restaurant Zum Anker", "service@zum-anker.test"),
    ("Katharina Groß", "k.gross@kundenpost.test"),
    ("Bestattungen Ehrlich", "buero@ehrlich.test"),
    ("Familie Öztürk", "oeztuerk@kundenpost.test"),
];

/// Suppliers who write English.
pub(crate) const SUPPLIERS: [(&str, &str); 5] = [
    ("Willem de Vries", "willem@tulip-auction.test"),
    ("Grace Wanjiru", "grace@naivasha-roses.test"),
    ("Priya Nair", "priya.nair@greenlogistics.test"),
    ("Olivia Bennett", "olivia@bennett-seeds.test"),
    ("Marco Bianchi", "marco@vasi-bianchi.test"),
];

/// Senders of newsletters.
pub(crate) const NEWSLETTERS: [(&str, &str); 4] = [
    ("Blumengroßmarkt Süd", "newsletter@grossmarkt-sued.test"),
    ("Floristik heute", "redaktion@floristik-heute.test"),
    ("The Garden Weekly", "hello@garden-weekly.test"),
    ("Bürobedarf Blitz", "angebote@buero-blitz.test"),
];

/// What it is about.
pub(crate) const FLOWERS: [&str; 18] = [
    "Pfingstrosen",
    "Tulpen",
    "Ranunkeln",
    "Sonnenblumen",
    "Hortensien",
    "Dahlien",
    "Lavendel",
    "Eukalyptus",
    "weiße Lilien",
    "Freesien",
    "Anemonen",
    "rote Rosen",
    "Gerbera",
    "Chrysanthemen",
    "Weihnachtssterne",
    "Narzissen",
    "Schleierkraut",
    "Orchideen",
];

/// The same for suppliers.
pub(crate) const FLOWERS_ENGLISH: [&str; 8] =
    ["peonies", "tulips", "ranunculus", "hydrangeas", "eucalyptus", "spray roses", "freesias", "dahlias"];

/// Subjects of conversations; `{}` is a flower.
pub(crate) const SUBJECTS: [&str; 16] = [
    "{} für Samstag",
    "Schaufenster: {}?",
    "Lieferung {} verspätet",
    "Dienstplan nächste Woche",
    "Preis für {}",
    "Kühlraum wird nicht kalt",
    "Hochzeit im Goldenen Löwen",
    "Inventur und {}",
    "Neue Bänder und Körbe",
    "{} ausverkauft",
    "Rückfrage zur Rechnung",
    "Urlaubsvertretung im August",
    "Azubi-Tag: {} binden",
    "Markttag am Rathaus",
    "Gießplan übers Wochenende",
    "Kranz mit {}",
];

/// Subjects of customers.
pub(crate) const REQUESTS: [&str; 10] = [
    "Anfrage: {} für unsere Hochzeit",
    "Bestellung {}",
    "Liefern Sie auch sonntags?",
    "Danke für die schönen {}!",
    "Tischschmuck mit {}",
    "Trauerkranz, bitte um Rückruf",
    "Abo für die Rezeption: {}",
    "Reklamation {}",
    "Größere Menge {} möglich?",
    "Gutschein über 50 €",
];

/// Subjects of suppliers.
pub(crate) const OFFERS: [&str; 6] = [
    "Availability of {} this week",
    "Price list {}",
    "Your order of {} has shipped",
    "Delay at the border: {}",
    "Quality claim {} – photos needed",
    "Season outlook: {}",
];

/// Salutations.
pub(crate) const GREETINGS: [&str; 6] =
    ["Hallo {},", "Liebe Kollegen,", "Guten Morgen {},", "Hi {},", "Servus {},", "Moin,"];

/// Sentences among colleagues and from customers; `{}` is a flower.
pub(crate) const SENTENCES: [&str; 32] = [
    "wir brauchen bis Freitag noch drei Eimer {}.",
    "Kannst du bitte beim Großmarkt nach {} fragen?",
    "Die {} von gestern sind leider schon aufgeblüht.",
    "Frau Krüger holt ihren Strauß um 16 Uhr ab.",
    "Ich habe die Rechnung geprüft, der Skonto fehlt.",
    "Der Kühlraum steht auf 9 °C, das ist zu warm.",
    "Für die Tische im Saal hätten wir gern {} und etwas Grün.",
    "Bitte denkt daran, die Gießkannen abends aufzufüllen.",
    "Am Samstag sind wir nur zu zweit, das wird eng.",
    "Der Lieferwagen muss am Dienstag zur Inspektion.",
    "Wir haben noch 240 Stück auf Lager, das müsste reichen.",
    "Der Kunde möchte {} statt Nelken, Aufpreis ist in Ordnung.",
    "Ich bin ab Mittwoch im Urlaub, Clara vertritt mich.",
    "Die Bänder in Altrosa sind ausverkauft, neue kommen am 12.",
    "Könnten Sie uns bitte ein Angebot für {} machen?",
    "Die Feier beginnt um 15 Uhr, aufbauen können Sie ab 11 Uhr.",
    "Wir zahlen wie immer per Überweisung.",
    "Der Strauß war wunderschön, meine Mutter hat sich sehr gefreut!",
    "Leider waren zwei Stiele abgeknickt, ein Foto liegt bei.",
    "Das Schaufenster machen wir am Montag früh, vor dem Öffnen.",
    "Mir fehlt noch die Zusage vom Standesamt.",
    "Im Anhang findest du die Liste, bitte einmal gegenlesen.",
    "Preislich liegen wir bei 1,80 € pro Stiel.",
    "Sollen wir {} diesmal direkt in Holland bestellen?",
    "Die Azubis üben am Donnerstag Spiralsträuße.",
    "Ich habe {} zurückgelegt, sie stehen hinten links.",
    "Das Wetter soll schlecht werden, wir nehmen den Pavillon mit.",
    "Gib mir bitte bis heute Abend Bescheid.",
    "Der Parkplatz vor dem Laden ist am Markttag gesperrt.",
    "Nora von nebenan nimmt unsere Pakete an.",
    "Für Allerheiligen rechnen wir mit doppelt so vielen Gestecken.",
    "Die Kasse hat gestern um 12,40 € nicht gestimmt.",
];

/// Sentences of suppliers.
pub(crate) const SENTENCES_ENGLISH: [&str; 14] = [
    "we can offer {} at last week's price until Thursday.",
    "The truck left this morning and should arrive before 5 am.",
    "Please confirm the number of boxes by noon.",
    "Because of the heat, {} will be a little shorter than usual.",
    "Attached you will find the updated availability list.",
    "Customs asked for the phytosanitary certificate again.",
    "Our minimum order is still 20 bunches per colour.",
    "Could you send us photos of the damaged stems?",
    "We will credit the difference on your next invoice.",
    "The new season of {} starts two weeks early this year.",
    "Stem length is 50 cm, vase life about nine days.",
    "Let me know if you want to reserve a standing order.",
    "The auction is closed on Monday because of the holiday.",
    "Thanks for your patience, and greetings to Anna!",
];

/// Closings.
pub(crate) const CLOSINGS: [&str; 5] =
    ["Viele Grüße", "Liebe Grüße", "Beste Grüße", "Danke und bis später", "Schönen Feierabend"];
