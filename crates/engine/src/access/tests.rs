//! What users, links, passwords, sessions and tokens do together, on both databases.

use std::sync::Mutex;

use chrono::TimeDelta;
use lockstep_core::role::Scopes;
use lockstep_testkit::database::Template;

use super::*;

static TEMPLATE: Template = Template::new(|url| {
    Box::pin(async move {
        let store = Store::open(&url).await.unwrap();
        store.close().await;
    })
});

const FROM: std::net::IpAddr = std::net::IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 7));
const PASSWORD: &str = "correct horse battery";

/// A clock that goes on when it is told.
struct Hands(Mutex<DateTime<Utc>>);

impl Clock for Hands {
    fn now(&self) -> DateTime<Utc> {
        *self.0.lock().unwrap()
    }
}

impl Hands {
    fn pass(&self, time: TimeDelta) {
        *self.0.lock().unwrap() += time;
    }
}

async fn on_each(test: impl AsyncFn(Access, Arc<Hands>)) {
    TEMPLATE
        .on_each_database(async |database| {
            let hands = Arc::new(Hands(Mutex::new("2026-11-25T12:00:00Z".parse().unwrap())));
            let store = Store::connect(database.url()).await.unwrap();
            let access = Access::new(store, Arc::clone(&hands) as Arc<dyn Clock>);
            test(access.clone(), hands).await;
            let check = access.check_audit_log(&access.os_user("root").await.unwrap()).await.unwrap();
            assert_eq!(check.tampering, None);
            access.store.close().await;
        })
        .await;
}

async fn admin(access: &Access) -> Actor {
    let link = access.first_link().await.unwrap().unwrap();
    access.follow_link(link.secret.expose(), Some("ada"), PASSWORD.into()).await.unwrap()
}

async fn invited(access: &Access, by: &Actor, name: &str, role: Role) -> Actor {
    let link = access.invite(by, name, "", role).await.unwrap();
    access.follow_link(link.secret.expose(), None, PASSWORD.into()).await.unwrap()
}

/// The newest entries of the audit log, as `actor action outcome`.
async fn log(access: &Access, count: usize) -> Vec<String> {
    let reader = access.os_user("root").await.unwrap();
    let entries = access.audit_log(&reader, None, count).await.unwrap();
    let told = entries.iter().map(|link| {
        let entry = &link.entry;
        format!("{} {} {}", entry.actor_name, entry.action, entry.outcome)
    });
    told.collect()
}

fn code<T: std::fmt::Debug>(result: Result<T, EngineError>) -> String {
    result.unwrap_err().code().to_owned()
}

fn wants(scopes: &[Action]) -> TokenRequest {
    let scopes = Scopes(scopes.iter().copied().collect());
    TokenRequest { owner: None, name: "ci".into(), scopes, lasts: TimeDelta::days(90) }
}

#[tokio::test]
async fn the_first_admin_comes_in_by_a_link_that_works_once() {
    on_each(async |access, hands| {
        let replaced = access.first_link().await.unwrap().unwrap();
        let link = access.first_link().await.unwrap().unwrap();
        let follow = async |link: &Secret, name: Option<&str>, password: &str| {
            access.follow_link(link.expose(), name, password.to_owned()).await
        };
        assert_eq!(code(follow(&replaced.secret, Some("ada"), PASSWORD).await), "link-over");
        assert_eq!(code(follow(&link.secret, None, PASSWORD).await), "unfit-name");
        assert_eq!(code(follow(&link.secret, Some("a b"), PASSWORD).await), "unfit-name");
        assert_eq!(code(follow(&link.secret, Some("ada"), "short").await), "unfit-password");
        let ada = follow(&link.secret, Some("ada"), PASSWORD).await.unwrap();
        assert_eq!((ada.name.as_str(), ada.grant.role), ("ada", Role::Admin));
        assert_eq!(code(follow(&link.secret, Some("eve"), PASSWORD).await), "link-over");
        assert!(access.first_link().await.unwrap().is_none(), "there is an admin now");
        assert_eq!(log(&access, 1).await, ["ada user.password done"]);

        let late = access.invite(&ada, "grace", "Grace", Role::Developer).await.unwrap();
        hands.pass(TimeDelta::hours(48));
        assert_eq!(code(follow(&late.secret, None, PASSWORD).await), "link-over");
    })
    .await;
}

#[tokio::test]
async fn a_password_gives_a_session_until_it_is_over() {
    on_each(async |access, hands| {
        let ada = admin(&access).await;
        let grace = invited(&access, &ada, "grace", Role::Developer).await;
        let sign_in = async || access.sign_in("grace", PASSWORD.into(), FROM).await.unwrap();
        let is_in = async |signed: &SignedIn| access.session(signed.secret.expose()).await.is_ok();

        let signed = sign_in().await;
        assert_eq!(access.session(signed.secret.expose()).await.unwrap(), grace);
        access.sign_out(&grace, signed.secret.expose()).await.unwrap();
        assert!(!is_in(&signed).await);
        assert_eq!(log(&access, 2).await, ["grace sign_out done", "grace sign_in done"]);

        let idle = sign_in().await;
        hands.pass(TimeDelta::hours(13));
        assert!(!is_in(&idle).await, "nobody used it");
        let used = sign_in().await;
        for _ in 0..15 {
            hands.pass(TimeDelta::hours(11));
            assert!(is_in(&used).await);
        }
        hands.pass(TimeDelta::hours(11));
        assert!(!is_in(&used).await, "a week is over");

        let signed = sign_in().await;
        access.set_role(&ada, "grace", Role::Viewer).await.unwrap();
        assert_eq!(access.session(signed.secret.expose()).await.unwrap().grant.role, Role::Viewer);
        access.enable_user(&ada, "grace", false).await.unwrap();
        assert!(!is_in(&signed).await);
        assert!(matches!(access.sign_in("grace", PASSWORD.into(), FROM).await, Err(SignInError::Wrong)));
        access.enable_user(&ada, "grace", true).await.unwrap();
        assert!(!is_in(&signed).await, "it stays over");

        let signed = sign_in().await;
        let link = access.new_link(&ada, "grace").await.unwrap();
        access.follow_link(link.secret.expose(), None, "another long password".into()).await.unwrap();
        assert!(!is_in(&signed).await, "another password ends all sessions");
        assert!(matches!(access.sign_in("grace", PASSWORD.into(), FROM).await, Err(SignInError::Wrong)));
        assert!(matches!(access.session("nonsense").await, Err(SignInError::Over)));
    })
    .await;
}

#[tokio::test]
async fn who_guesses_has_to_wait_and_others_have_not() {
    on_each(async |access, hands| {
        admin(&access).await;
        let elsewhere: std::net::IpAddr = "2001:db8::1".parse().unwrap();
        for _ in 0..5 {
            let wrong = access.sign_in("ada", "wrong password".into(), FROM).await;
            assert!(matches!(wrong, Err(SignInError::Wrong)), "{wrong:?}");
        }
        assert_eq!(log(&access, 1).await, ["ada sign_in refused"]);
        let right = access.sign_in("ada", PASSWORD.into(), FROM).await;
        assert!(matches!(right, Err(SignInError::Wait(1..=2))), "{right:?}");
        access.sign_in("ada", PASSWORD.into(), elsewhere).await.unwrap();
        hands.pass(TimeDelta::seconds(2));
        access.sign_in("ada", PASSWORD.into(), FROM).await.unwrap();
        access.sign_in("ada", "wrong password".into(), FROM).await.unwrap_err();
        access.sign_in("ada", PASSWORD.into(), FROM).await.unwrap();

        let many = (0..20).map(|_| access.sign_in("nobody", "wrong password".into(), elsewhere));
        let mut verdicts = [0, 0];
        for ended in futures_util::future::join_all(many).await {
            match ended {
                Err(SignInError::Wrong) => verdicts[0] += 1,
                Err(SignInError::Wait(_)) => verdicts[1] += 1,
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(verdicts, [5, 15], "of many at once, none slips through");
    })
    .await;
}

#[tokio::test]
async fn a_token_opens_what_it_was_made_for_until_its_time_is_over() {
    on_each(async |access, hands| {
        let ada = admin(&access).await;
        let grace = invited(&access, &ada, "grace", Role::Developer).await;
        let made = access.create_token(&grace, wants(&[Action::Read, Action::Plan])).await.unwrap();
        let held = made.secret.expose().to_owned();
        assert!(held.starts_with(made.token.fingerprint.trim_end_matches('…')), "{:?}", made.token);
        let used = access.token(&held, FROM).await.unwrap();
        assert_eq!((&used.name, used.grant.allowed(Action::Plan)), (&"grace".to_owned(), Ok(())));
        assert_eq!(code(access.permit(&used, Action::Sync).await), "forbidden");
        assert_eq!(log(&access, 1).await, ["grace sync refused"]);
        assert!(access.tokens(&grace, None).await.unwrap()[0].last_used_at.is_some());

        assert_eq!(code(access.create_token(&grace, wants(&[Action::Undo])).await), "unfit-scope");
        assert_eq!(code(access.create_token(&used, wants(&[Action::Read])).await), "token-by-token");
        assert_eq!(code(access.create_token(&grace, wants(&[])).await), "no-scopes");
        let long = TokenRequest { lasts: TimeDelta::days(400), ..wants(&[Action::Read]) };
        assert_eq!(code(access.create_token(&grace, long).await), "unfit-time");
        let of_ada = TokenRequest { owner: Some("ada".into()), ..wants(&[Action::Read]) };
        assert_eq!(code(access.create_token(&grace, of_ada).await), "forbidden");
        assert_eq!(code(access.tokens(&grace, Some("ada")).await), "forbidden");

        access.set_role(&ada, "grace", Role::Viewer).await.unwrap();
        let used = access.token(&held, FROM).await.unwrap();
        assert!(used.grant.allowed(Action::Plan).is_err(), "no more than its owner may");
        hands.pass(TimeDelta::days(90));
        assert!(matches!(access.token(&held, FROM).await, Err(SignInError::BadToken)));

        let made = access.create_token(&ada, wants(&[Action::Read])).await.unwrap();
        assert_eq!(code(access.revoke_token(&grace, made.token.id).await), "forbidden");
        access.revoke_token(&ada, made.token.id).await.unwrap();
        let refused = async |held: &str| access.token(held, FROM).await.unwrap_err();
        assert!(matches!(refused(made.secret.expose()).await, SignInError::BadToken));
        for _ in 0..28 {
            assert!(matches!(refused("lockstep_guess").await, SignInError::BadToken));
        }
        assert!(matches!(refused("lockstep_guess").await, SignInError::Wait(_)), "who guesses has to wait");
        let good = access.create_token(&ada, wants(&[Action::Read])).await.unwrap();
        access.token(good.secret.expose(), FROM).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn only_admins_change_users_and_one_of_them_stays() {
    on_each(async |access, _| {
        let ada = admin(&access).await;
        for role in [Role::Viewer, Role::Developer, Role::Maintainer] {
            let somebody = invited(&access, &ada, role.as_str(), role).await;
            assert_eq!(code(access.invite(&somebody, "eve", "", Role::Admin).await), "forbidden");
            assert_eq!(code(access.set_role(&somebody, role.as_str(), Role::Admin).await), "forbidden");
            assert_eq!(code(access.enable_user(&somebody, "ada", false).await), "forbidden");
            assert_eq!(code(access.new_link(&somebody, "ada").await), "forbidden");
            assert_eq!(log(&access, 1).await, [format!("{role} users refused")]);
        }
        assert_eq!(code(access.invite(&ada, "viewer", "", Role::Viewer).await), "user-exists");
        assert_eq!(code(access.set_role(&ada, "nobody", Role::Viewer).await), "not-found");
        assert_eq!(code(access.enable_user(&ada, "ada", false).await), "last-admin");
        assert_eq!(code(access.set_role(&ada, "ada", Role::Viewer).await), "last-admin");
        access.set_role(&ada, "maintainer", Role::Admin).await.unwrap();
        access.set_role(&ada, "ada", Role::Viewer).await.unwrap();
    })
    .await;
}
