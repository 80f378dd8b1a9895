//! Secrets are tried as their vendors want it, and nothing of them comes back.

use std::time::Duration;

use lockstep_core::credential::Verdict;
use lockstep_providers::{
    line::{Line, Patience},
    vendor::{Settings, Unfit, VENDORS, validate, vendor},
};
use lockstep_testkit::{
    mail::MailServer,
    provider::{Provider, Reply},
};

const SECRET: &str = "canary-7fK2/pQ9+xW4==";

fn settings(pairs: &[(&str, &str)]) -> Settings {
    Settings(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
}

fn ask_with(name: &str, pairs: &[(&str, &str)], secret: &str) -> Result<Verdict, Unfit> {
    let patience =
        Patience { call: Duration::from_secs(3), more_attempts: 2, backoff: Duration::from_millis(5) };
    let line = Line::new(patience).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(validate(vendor(name).unwrap(), &settings(pairs), &secret.into(), &line))
}

fn ask(name: &str, pairs: &[(&str, &str)]) -> Verdict {
    ask_with(name, pairs, SECRET).unwrap()
}

type Row = (&'static str, Pairs, &'static str, &'static str, &'static str, &'static str);
type Pairs = &'static [(&'static str, &'static str)];

/// Vendor, settings beside the address, the call that it makes, where the secret is in it, and an answer that takes it.
const CALLS: &[Row] = &[
    ("figma", &[], "GET /v1/me", "x-figma-token", "", r#"{"handle":"Ada"}"#),
    ("figma", &[("file", "AbC")], "GET /v1/files/AbC/meta", "x-figma-token", "", r#"{"file":{}}"#),
    ("figma", &[("kind", "oauth")], "GET /v1/me", "authorization", "Bearer ", r#"{"handle":"Ada"}"#),
    (
        "penpot",
        &[],
        "POST /api/rpc/command/get-profile",
        "authorization",
        "Token ",
        r#"{"id":"6a1e","email":"a@b"}"#,
    ),
    ("slack", &[], "POST /auth.test", "authorization", "Bearer ", r#"{"ok":true,"team":"Acme"}"#),
    ("chromatic", &[], "POST /graphql", "", "", r#"{"data":{"appToken":"eyJh"}}"#),
    ("storybook", &[], "GET /index.json", "authorization", "Bearer ", r#"{"v":5,"entries":{}}"#),
    (
        "storybook",
        &[("header", "x-token"), ("scheme", "none")],
        "GET /index.json",
        "x-token",
        "",
        r#"{"entries":{}}"#,
    ),
    ("http", &[], "GET /", "authorization", "Bearer ", "fine"),
    ("chromium", &[], "GET /json/version", "authorization", "Bearer ", r#"{"Browser":"Chrome/140"}"#),
    ("openai", &[], "GET /models", "authorization", "Bearer ", r#"{"data":[]}"#),
    ("posthog", &[], "GET /api/users/@me/", "authorization", "Bearer ", r#"{"email":"a@b"}"#),
];

#[test]
fn each_vendor_is_asked_in_its_own_way() {
    for (name, more, call, header, before, answer) in CALLS {
        let provider = Provider::start();
        let address = provider.address();
        let (_, path) = call.split_once(' ').unwrap();
        provider.answer(path, Reply::new(200, *answer));
        let pairs: Vec<_> = more.iter().copied().chain([("url", address.as_str())]).collect();
        let verdict = ask(name, &pairs);
        assert!(matches!(verdict, Verdict::Accepted(_)), "{name}: {verdict:?}");
        let came = provider.came();
        assert_eq!(came.len(), 1, "{name}");
        assert_eq!(format!("{} {}", came[0].method, came[0].path), *call, "{name}");
        match header.is_empty() {
            true => assert!(came[0].body.contains(SECRET), "{name}"),
            false => assert_eq!(came[0].headers[*header], format!("{before}{SECRET}"), "{name}"),
        }
    }
}

#[test]
fn secrets_that_are_no_bearers_go_as_their_vendors_want() {
    let provider = Provider::start();
    let url = provider.address();
    provider.answer("/automate/plan.json", Reply::new(200, r#"{"automate_plan":"Team"}"#));
    assert!(matches!(ask("browserstack", &[("user", "ada"), ("url", &url)]), Verdict::Accepted(_)));
    assert_eq!(provider.came()[0].headers["authorization"], "Basic YWRhOmNhbmFyeS03ZksyL3BROSt4VzQ9PQ==");

    provider.answer("/json/version", Reply::new(200, r#"{"Browser":"Chrome/140"}"#));
    assert!(matches!(ask("chromium", &[("url", &url), ("in", "query")]), Verdict::Accepted(_)));
    assert_eq!(provider.came()[0].path, "/json/version?token=canary-7fK2%2FpQ9%2BxW4%3D%3D");

    provider.answer("/services/T0/B0/canary", Reply::new(400, "no_text"));
    let hook = format!("{url}/services/T0/B0/canary");
    assert!(matches!(ask_with("slack-webhook", &[], &hook), Ok(Verdict::Accepted(_))));
    assert_eq!(provider.came()[0].body, "{}", "nothing is posted");

    let key = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    assert!(matches!(ask_with("webhook", &[], key), Ok(Verdict::Accepted(_))));
}

#[test]
fn a_mail_server_is_asked_whether_it_lets_the_account_in() {
    // `\0ada\0canary-…` in base64.
    let server = MailServer::start("AGFkYQBjYW5hcnktN2ZLMi9wUTkreFc0PT0=");
    let port = server.port().to_string();
    let pairs = [("host", "127.0.0.1"), ("port", port.as_str()), ("user", "ada"), ("security", "none")];
    assert!(matches!(ask("smtp", &pairs), Verdict::Accepted(_)));
    assert!(matches!(ask_with("smtp", &pairs, "another"), Ok(Verdict::Refused { .. })));
    let nobody = [("host", "127.0.0.1"), ("port", "1"), ("user", "ada"), ("security", "none")];
    assert!(matches!(ask("smtp", &nobody), Verdict::Unclear { .. }));
    assert!(server.mails().is_empty());
}

#[test]
fn only_trouble_of_the_network_is_tried_again_and_never_a_refusal() {
    let late = || Reply::Late(Duration::from_secs(20), Box::new(Reply::new(200, "{}")));
    for (name, replies, calls, expected) in [
        ("cut off twice", vec![Reply::CutOff, Reply::CutOff], 3, "accepted"),
        ("cut off for good", vec![Reply::CutOff; 3], 3, "unreachable"),
        ("late once", vec![late()], 2, "accepted"),
        ("refused", vec![Reply::new(401, "{}")], 1, "refused"),
        ("forbidden", vec![Reply::new(403, "{}")], 1, "refused"),
        ("too busy", vec![Reply::new(429, "{}")], 1, "busy"),
        ("broken", vec![Reply::new(500, "{}")], 1, "provider-failed"),
        (
            "elsewhere",
            vec![Reply::Answer(302, vec![("location", "http://127.0.0.1:1/".into())], String::new())],
            1,
            "redirected",
        ),
        ("endless", vec![Reply::new(200, "x".repeat(5 << 20))], 1, "unreachable"),
    ] {
        let provider = Provider::start();
        provider.answer("/", Reply::new(200, "fine"));
        for reply in replies {
            provider.answer_once("/", reply);
        }
        let word = match ask("http", &[("url", &provider.address())]) {
            Verdict::Accepted(_) => "accepted",
            Verdict::Refused { .. } => "refused",
            Verdict::Unclear { code, .. } => code,
        };
        assert_eq!((word, provider.came().len()), (expected, calls), "{name}");
    }
    let nobody = ask("http", &[("url", "http://127.0.0.1:1/")]);
    assert!(matches!(nobody, Verdict::Unclear { code: "unreachable", .. }), "{nobody:?}");
}

#[test]
fn what_a_provider_repeats_of_a_secret_is_not_told() {
    let echo = format!(
        r#"{{"error":"{SECRET}","err":"bad {SECRET}","message":"no {SECRET}","detail":"{SECRET}","email":"{SECRET}",
            "errors":[{{"message":"token {SECRET}"}}],"ok":false,"hint":"{SECRET}"}}"#
    );
    for (name, more, call, ..) in CALLS {
        let provider = Provider::start();
        let address = provider.address();
        let (_, path) = call.split_once(' ').unwrap();
        let pairs: Vec<_> = more.iter().copied().chain([("url", address.as_str())]).collect();
        for status in [200, 400, 401, 403, 404, 429, 500] {
            provider.answer(path, Reply::new(status, echo.clone()));
            let told = format!("{:?}", ask(name, &pairs));
            let is_told =
                SECRET.as_bytes().windows(6).any(|part| told.contains(std::str::from_utf8(part).unwrap()));
            assert!(!is_told, "{name} {status}: {told}");
        }
    }
}

#[test]
fn a_secret_that_cannot_be_is_never_sent_and_not_repeated() {
    for vendor in VENDORS {
        let name = vendor.facts().name;
        let all = [("url", "http://127.0.0.1:1"), ("host", "127.0.0.1"), ("user", "ada")];
        let known =
            |pair: &&(&str, &str)| vendor.facts().settings.iter().any(|setting| setting.name == pair.0);
        let pairs: Vec<_> = all.iter().filter(known).copied().collect();
        let told = format!("{:?}", ask_with(name, &pairs, "canary\u{7}\u{1f512}"));
        assert!(!told.contains("canary"), "{name}: {told}");
    }
}
