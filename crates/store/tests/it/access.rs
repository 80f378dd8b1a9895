use lockstep_core::ids::UserId;
use lockstep_store::{
    Constraint,
    sign_in::{self, SignInLink},
    user_sessions::{self, UserSession},
};

use crate::world::{at, id, on_each};

fn link(number: u128, user: Option<UserId>) -> SignInLink {
    SignInLink {
        id: id(number),
        user_id: user,
        link_hash: format!("link {number}"),
        created_by: None,
        created_at: at(0),
        expires_at: at(10),
        used_at: None,
    }
}

#[tokio::test]
async fn a_link_works_once_until_its_time_or_the_next_one() {
    on_each(async |world| {
        let ada = world.user().await;
        let mut tx = world.store.begin().await.unwrap();
        for (number, user) in [(1, None), (2, Some(ada)), (3, Some(ada))] {
            sign_in::replace_link(&mut tx, link(number, user)).await.unwrap();
        }
        assert_eq!(
            sign_in::use_link(&mut tx, "link 2", at(1)).await.unwrap(),
            None,
            "another took its place"
        );
        assert_eq!(sign_in::use_link(&mut tx, "link 3", at(10)).await.unwrap(), None, "its time is over");
        let used = sign_in::use_link(&mut tx, "link 3", at(1)).await.unwrap();
        assert_eq!(used, Some(SignInLink { used_at: Some(at(1)), ..link(3, Some(ada)) }));
        assert_eq!(sign_in::use_link(&mut tx, "link 3", at(1)).await.unwrap(), None);
        assert_eq!(sign_in::use_link(&mut tx, "link 1", at(1)).await.unwrap().unwrap().user_id, None);
        assert_eq!(sign_in::use_link(&mut tx, "link 4", at(1)).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn of_two_who_use_a_link_at_once_one_gets_in() {
    on_each(async |world| {
        let mut tx = world.store.begin().await.unwrap();
        sign_in::replace_link(&mut tx, link(1, None)).await.unwrap();
        tx.commit().await.unwrap();
        let take = async || {
            let mut tx = world.store.begin().await.unwrap();
            let used = sign_in::use_link(&mut tx, "link 1", at(1)).await.unwrap();
            tx.commit().await.unwrap();
            used.is_some()
        };
        let (one, other) = tokio::join!(take(), take());
        assert!(one != other);
    })
    .await;
}

#[tokio::test]
async fn a_password_is_set_and_changed() {
    on_each(async |world| {
        let ada = world.user().await;
        let mut tx = world.store.begin().await.unwrap();
        assert!(!sign_in::has_passwords(&mut tx).await.unwrap());
        for hash in ["first", "second"] {
            sign_in::set_password(&mut tx, ada, hash.into(), at(0)).await.unwrap();
            assert_eq!(sign_in::password_hash(&mut tx, ada).await.unwrap().as_deref(), Some(hash));
        }
        assert!(sign_in::has_passwords(&mut tx).await.unwrap());
        assert_eq!(sign_in::password_hash(&mut tx, id(9)).await.unwrap(), None);
        tx.commit().await.unwrap();
        let mut tx = world.store.begin().await.unwrap();
        let nobody = sign_in::set_password(&mut tx, id(9), "x".into(), at(0)).await.unwrap_err();
        assert!(nobody.violates(Constraint::ForeignKey), "{nobody}");
    })
    .await;
}

#[tokio::test]
async fn a_session_is_used_and_ended_and_forgotten() {
    on_each(async |world| {
        let ada = world.user().await;
        let session = |number: u128| UserSession {
            id: id(number),
            user_id: ada,
            session_hash: format!("session {number}"),
            created_at: at(0),
            last_seen_at: at(0),
            expires_at: at(100),
            ended_at: None,
        };
        let mut tx = world.store.begin().await.unwrap();
        for number in 1..4 {
            user_sessions::insert(&mut tx, session(number)).await.unwrap();
        }
        user_sessions::touch(&mut tx, id(1), at(5)).await.unwrap();
        let found = user_sessions::by_hash(&mut tx, "session 1").await.unwrap();
        assert_eq!(found, Some(UserSession { last_seen_at: at(5), ..session(1) }));
        assert!(user_sessions::end(&mut tx, id(1), at(6)).await.unwrap());
        assert!(!user_sessions::end(&mut tx, id(1), at(7)).await.unwrap());
        assert_eq!(user_sessions::end_all(&mut tx, ada, at(8)).await.unwrap(), 2);
        let ended = user_sessions::by_hash(&mut tx, "session 1").await.unwrap().unwrap();
        assert_eq!(ended.ended_at, Some(at(6)), "the first time stays");
        assert_eq!(user_sessions::remove_old(&mut tx, at(100)).await.unwrap(), 0);
        assert_eq!(user_sessions::remove_old(&mut tx, at(101)).await.unwrap(), 3);
        assert_eq!(user_sessions::by_hash(&mut tx, "session 2").await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn failures_are_counted_until_they_are_long_ago() {
    on_each(async |world| {
        let mut tx = world.store.begin().await.unwrap();
        let mut count = async |minute: i64, since: i64| {
            sign_in::count_failure(&mut tx, "ada", at(minute), at(since)).await.unwrap();
            let known = sign_in::failures(&mut tx, "ada").await.unwrap().unwrap();
            (known.failures, known.last_failed_at)
        };
        assert_eq!(count(1, 0).await, (1, at(1)));
        assert_eq!(count(2, 0).await, (2, at(2)));
        assert_eq!(count(9, 3).await, (1, at(9)));
        sign_in::count_failure(&mut tx, "grace", at(3), at(0)).await.unwrap();
        assert_eq!(sign_in::remove_old_failures(&mut tx, at(9)).await.unwrap(), 1);
        sign_in::forget_failures(&mut tx, "ada").await.unwrap();
        assert_eq!(sign_in::failures(&mut tx, "ada").await.unwrap(), None);
    })
    .await;
}
