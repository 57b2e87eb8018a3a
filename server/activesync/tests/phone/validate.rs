//! ValidateCert: a status for each certificate.

use activesync_server::Authorities;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, date_time_ymd};
use vocabulary::Role;
use wbxml::page::validate_cert as page;
use wbxml::{Element, Tag};

use crate::phone::{Phone, text};
use crate::world::on_each_database;

fn params() -> CertificateParams {
    let mut params = CertificateParams::new(Vec::<String>::new()).unwrap();
    (params.not_before, params.not_after) = (date_time_ymd(2026, 1, 1), date_time_ymd(2027, 1, 1));
    params
}

fn list(tag: Tag, certificates: &[&str]) -> Element {
    certificates.iter().fold(Element::new(tag), |list, one| list.with_text(page::CERTIFICATE, *one))
}

// MS-ASCMD R1119 R4469 R4474 R4479 R5387 R5389 R5662
#[test]
fn each_certificate_is_judged_by_whom_the_operator_trusts() {
    on_each_database(async |world| {
        let people = world.people().await;
        let inbox = world.folder(people.anna, Role::Inbox).await;
        let (mut authority, key) = (params(), KeyPair::generate().unwrap());
        authority.distinguished_name.push(DnType::CommonName, "authority");
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let root = authority.self_signed(&key).unwrap();
        let issuer = Issuer::new(authority, key);
        let good = params().signed_by(&KeyPair::generate().unwrap(), &issuer).unwrap().der().to_vec();
        let own = params().self_signed(&KeyPair::generate().unwrap()).unwrap().der().to_vec();
        let mut forged = good.clone();
        *forged.last_mut().unwrap() ^= 1;
        let [good, own, forged] = [good, own, forged].map(|der| STANDARD.encode(der));
        let _same = world.server.clone().trusting(Authorities::from_pem(root.pem().as_bytes()).unwrap());
        let request = |certificates: &[&str]| {
            Element::new(page::VALIDATE_CERT).with(list(page::CERTIFICATES, certificates))
        };
        for version in ["12.1", "16.1"] {
            let device = format!("v{}", version.replace('.', ""));
            let phone = Phone::new(world, &people.anna_address, &device, version, inbox).await;
            let all = request(&[&good, &own, &forged, "AAAA", "no base64"]);
            let root = phone.command("ValidateCert", Some(&all)).await.unwrap();
            assert_eq!(text(&root, page::STATUS), "1");
            let statuses: Vec<String> =
                root.all(page::CERTIFICATE).map(|one| text(one, page::STATUS)).collect();
            assert_eq!(statuses, ["1", "4", "3", "10", "10"]);
            let checked = request(&[&good]).with_text(page::CHECK_CRL, "1");
            let root = phone.command("ValidateCert", Some(&checked)).await.unwrap();
            assert_eq!(text(root.child(page::CERTIFICATE).unwrap(), page::STATUS), "16");
            for refused in
                [request(&[]), request(&["AAAA"; 101]), request(&["AAAA"]).with_text(page::CHECK_CRL, "x")]
            {
                let root = phone.command("ValidateCert", Some(&refused)).await.unwrap();
                assert_eq!((text(&root, page::STATUS).as_str(), root.children().count()), ("2", 1));
            }
        }
    });
}
