use chrono::{SubsecRound as _, TimeDelta};
use lockstep_core::{
    ids::{BaselineId, ComponentId, DesignId},
    registry::{MappingStatus, UserKind},
    role::Role,
};
use lockstep_store::{
    Constraint, api_tokens,
    api_tokens::ApiToken,
    baselines,
    baselines::Baseline,
    components,
    components::{Presence, ScanChanges, ScannedComponent, Unfound},
    designs,
    designs::ScannedDesign,
    stories,
    stories::ScannedStory,
    users,
    users::User,
};
use serde_json::json;

use crate::world::{at, found, id, on_each, scanned};

#[tokio::test]
async fn a_scan_keeps_identities() {
    on_each(async |world| {
        let scan = async |components: Vec<ScannedComponent>, minute| {
            let mut tx = world.store.begin().await.unwrap();
            let asked = std::cell::Cell::new(0);
            let places = components.clone();
            let row = |place: usize| {
                asked.set(asked.get() + 1);
                let component: &ScannedComponent = &places[place];
                let mut found = found(&component.name);
                if component.scan_hash.ends_with("moved") {
                    found.file = Some("src/moved/Card.tsx".into());
                }
                found
            };
            let changes =
                components::record_scan(&mut tx, components, row, Unfound::Gone, at(minute)).await.unwrap();
            let written = changes.added.len() + changes.changed.len() + changes.returned.len();
            assert_eq!(asked.get(), written, "only what is written is asked for");
            tx.commit().await.unwrap();
            changes
        };
        let names = |list: &[&str]| list.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let first = scan(vec![scanned(1, "Button"), scanned(2, "Card"), scanned(3, "Button")], 1).await;
        assert_eq!(first, ScanChanges { added: names(&["Button", "Card"]), ..Default::default() });

        // Nothing changed, nothing is written.
        assert_eq!(scan(vec![scanned(7, "Button"), scanned(8, "Card")], 2).await, ScanChanges::default());

        let mut moved = scanned(9, "Card");
        moved.scan_hash = "Card moved".into();
        assert_eq!(
            scan(vec![moved.clone()], 3).await,
            ScanChanges { changed: names(&["Card"]), gone: names(&["Button"]), ..Default::default() }
        );
        let mut tx = world.store.read().await.unwrap();
        let rows = components::list(&mut tx, Presence::Any).await.unwrap();
        assert_eq!(rows.iter().map(|row| row.name.as_str()).collect::<Vec<_>>(), ["Button", "Card"]);
        assert_eq!((rows[0].id, rows[0].gone_at), (id(3), Some(at(3))), "the last of two of one name counts");
        assert_eq!((rows[1].id, rows[1].created_at, rows[1].updated_at), (id(2), at(1), at(3)));
        assert_eq!(rows[1].file.as_deref(), Some("src/moved/Card.tsx"));
        assert_eq!(components::list(&mut tx, Presence::Present).await.unwrap().len(), 1);
        drop(tx);

        assert_eq!(
            scan(vec![moved, scanned(10, "Button")], 4).await,
            ScanChanges { returned: names(&["Button"]), ..Default::default() }
        );
        let mut tx = world.store.read().await.unwrap();
        let button = components::by_name(&mut tx, "Button").await.unwrap().unwrap();
        assert_eq!((button.id, button.gone_at, button.created_at), (id(3), None, at(1)));
        assert_eq!(components::get(&mut tx, button.id).await.unwrap(), button);
        assert_eq!(
            components::get(&mut tx, id(99)).await.unwrap_err().to_string(),
            "there is no component `00000000-0000-0000-0000-000000000063`"
        );
    })
    .await;
}

#[tokio::test]
async fn what_may_stand_in_an_unread_file_is_not_gone() {
    on_each(async |world| {
        let mut tx = world.store.begin().await.unwrap();
        let both = vec![scanned(1, "Button"), scanned(2, "Card")];
        components::record_scan(&mut tx, both, |_| found("Button"), Unfound::Gone, at(1)).await.unwrap();
        let one = vec![scanned(1, "Button")];
        let changes =
            components::record_scan(&mut tx, one.clone(), |_| found("Button"), Unfound::Unknown, at(2))
                .await
                .unwrap();
        assert_eq!(changes, ScanChanges::default());
        let changes =
            components::record_scan(&mut tx, one, |_| found("Button"), Unfound::Gone, at(3)).await.unwrap();
        assert_eq!(changes.gone, ["Card"]);
        tx.commit().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn many_components_go_in_batches() {
    on_each(async |world| {
        let many: Vec<ScannedComponent> =
            (0..1203).map(|number| scanned(1000 + number, &format!("C{number}"))).collect();
        let mut tx = world.store.begin().await.unwrap();
        let anything = |_| found("C");
        let changes =
            components::record_scan(&mut tx, many.clone(), anything, Unfound::Gone, at(1)).await.unwrap();
        assert_eq!(changes.added.len(), 1203);
        let again = components::record_scan(&mut tx, many[3..].to_vec(), anything, Unfound::Gone, at(2))
            .await
            .unwrap();
        assert_eq!(again.gone, ["C0", "C1", "C2"]);
        let drifting = |component: &ScannedComponent| ScannedComponent {
            mapping_status: MappingStatus::Drift,
            contract_hash: Some("h".into()),
            drift: Some(json!([{"path": "properties/size"}])),
            ..component.clone()
        };
        let compared: Vec<ScannedComponent> = many.iter().chain(&many[..2]).map(drifting).collect();
        let changes =
            components::record_scan(&mut tx, compared.clone(), anything, Unfound::Gone, at(3)).await.unwrap();
        assert_eq!((changes.changed.len(), changes.returned.len()), (0, 3), "a comparison is no scan");
        components::record_scan(&mut tx, compared, |_| unreachable!("the same again"), Unfound::Gone, at(4))
            .await
            .unwrap();
        for outline in components::outlines(&mut tx).await.unwrap() {
            assert_eq!(outline.mapping_status, MappingStatus::Drift);
        }
        for row in components::list(&mut tx, Presence::Any).await.unwrap() {
            assert_eq!(row.updated_at, at(3), "what says the same is not written");
        }
        let ids: Vec<ComponentId> = many.iter().map(|component| component.id).collect();
        components::record_synced(&mut tx, &ids, at(5)).await.unwrap();
        tx.commit().await.unwrap();
        let mut tx = world.store.read().await.unwrap();
        for row in components::list(&mut tx, Presence::Any).await.unwrap() {
            assert_eq!(row.mapping_status, MappingStatus::Drift);
            assert_eq!((row.updated_at, row.last_synced_at), (at(5), Some(at(5))));
            assert_eq!(row.drift, Some(json!([{"path": "properties/size"}])));
        }
    })
    .await;
}

#[tokio::test]
async fn designs_keep_their_identity_and_their_link() {
    on_each(async |world| {
        let button = world.components(&["Button"]).await[0];
        let design = |number, source: &str, node: &str, name: &str| ScannedDesign {
            id: id(number),
            source: source.into(),
            node_id: node.into(),
            name: name.into(),
            scan_hash: name.into(),
            component_id: None,
            diff_hash: "before mapping".into(),
        };
        let found = |_| designs::Found {
            kind: "component_set".into(),
            variant_refs: json!({"size=small": "1:3"}),
            last_design_change_at: at(0) + TimeDelta::nanoseconds(789),
            detail: json!({}),
        };
        let sources = ["kit".to_owned()].into();
        let mut tx = world.store.begin().await.unwrap();
        let scanned = vec![design(1, "kit", "1:2", "Button"), design(2, "kit", "1:9", "Card")];
        designs::record_scan(&mut tx, &sources, scanned.clone(), found, Unfound::Gone, at(1)).await.unwrap();
        designs::record_scan(
            &mut tx,
            &["old".to_owned()].into(),
            vec![design(5, "old", "1:2", "Old")],
            found,
            Unfound::Gone,
            at(1),
        )
        .await
        .unwrap();
        let mut linked = scanned;
        linked[0].component_id = Some(button);
        linked[0].diff_hash = "after mapping".into();
        for minute in [2, 3] {
            let unasked = |_| unreachable!("a link is no reading");
            let changes =
                designs::record_scan(&mut tx, &sources, linked.clone(), unasked, Unfound::Gone, at(minute))
                    .await;
            assert_eq!(changes.unwrap(), ScanChanges::default());
            let row = designs::get(&mut tx, id(1)).await.unwrap();
            assert_eq!((row.component_id, row.diff_hash.as_str()), (Some(button), "after mapping"));
            assert_eq!(row.updated_at, at(2), "what says the same is not written");
        }
        let mut renamed = design(8, "kit", "1:2", "Btn");
        renamed.component_id = Some(button);
        let changes = designs::record_scan(&mut tx, &sources, vec![renamed], found, Unfound::Gone, at(4))
            .await
            .unwrap();
        assert_eq!((changes.changed, changes.gone), (vec!["Btn".to_owned()], vec!["Card".to_owned()]));
        let rows = designs::list(&mut tx, Presence::Present).await.unwrap();
        assert_eq!(
            rows.iter().map(|row| row.name.as_str()).collect::<Vec<_>>(),
            ["Btn", "Old"],
            "another source's are left alone"
        );
        assert_eq!((rows[0].id, rows[0].component_id), (id::<DesignId>(1), Some(button)));
        assert_eq!(rows[0].last_design_change_at, at(0), "cut to microseconds");
        assert_eq!(designs::of_component(&mut tx, button).await.unwrap().len(), 1);
        assert_eq!(designs::by_node(&mut tx, "kit", "1:9").await.unwrap().unwrap().gone_at, Some(at(4)));
        assert_eq!(designs::get(&mut tx, id(5)).await.unwrap().source, "old");
    })
    .await;
}

#[tokio::test]
async fn stories_keep_their_identity() {
    on_each(async |world| {
        let button = world.components(&["Button"]).await[0];
        let story = |number, story_id: &str, name: &str| ScannedStory {
            id: id(number),
            story_id: story_id.into(),
            scan_hash: name.into(),
        };
        let found = |name: &str| stories::Found {
            component_id: Some(button),
            title: "Components/Button".into(),
            name: name.into(),
            export_name: name.into(),
            file: "src/Button.stories.tsx".into(),
            detail: json!({"args": {"size": "small"}}),
        };
        let mut tx = world.store.begin().await.unwrap();
        let two = vec![story(1, "button--primary", "Primary"), story(2, "button--large", "Large")];
        let names = ["Primary", "Large"];
        stories::record_scan(&mut tx, two, |place| found(names[place]), Unfound::Gone, at(1)).await.unwrap();
        let main = vec![story(3, "button--primary", "Main")];
        let changes =
            stories::record_scan(&mut tx, main, |_| found("Main"), Unfound::Gone, at(2)).await.unwrap();
        assert_eq!(changes.changed, ["button--primary"]);
        assert_eq!(changes.gone, ["button--large"]);
        let shown = stories::of_component(&mut tx, button).await.unwrap();
        assert_eq!(shown.len(), 1);
        assert_eq!((shown[0].id, shown[0].name.as_str()), (id(1), "Main"));
        assert_eq!(stories::list(&mut tx, Presence::Any).await.unwrap().len(), 2);
        let gone = stories::by_story_id(&mut tx, "button--large").await.unwrap().unwrap();
        assert_eq!(gone.gone_at, Some(at(2)));
        components::record_story_update(&mut tx, button, at(3)).await.unwrap();
        assert_eq!(components::get(&mut tx, button).await.unwrap().last_story_update, Some(at(3)));
    })
    .await;
}

#[tokio::test]
async fn a_component_has_one_baseline() {
    on_each(async |world| {
        let button = world.components(&["Button"]).await[0];
        let baseline = |number, contract, minute| Baseline {
            id: id(number),
            component_id: button,
            contract,
            code_identities: json!({}),
            design_identities: json!({}),
            undetermined: json!([]),
            design_artifact_id: None,
            sync_operation_id: None,
            created_at: at(minute),
            updated_at: at(minute),
            hash: Some(format!("hash {number}")),
        };
        let mut tx = world.store.begin().await.unwrap();
        assert_eq!(baselines::get(&mut tx, button).await.unwrap(), None);
        baselines::put(&mut tx, vec![baseline(1, json!({"properties": {}}), 1)]).await.unwrap();
        baselines::put(&mut tx, vec![baseline(2, json!({"properties": {"a": 1}}), 2)]).await.unwrap();
        let kept = baselines::get(&mut tx, button).await.unwrap().unwrap();
        assert_eq!((kept.id, kept.created_at, kept.updated_at), (id::<BaselineId>(1), at(1), at(2)));
        assert_eq!(kept.contract, json!({"properties": {"a": 1}}));
        let hashes = baselines::hashes(&mut tx).await.unwrap();
        assert_eq!(hashes, [(button, Some("hash 2".to_owned()))].into());
        assert_eq!(baselines::of_components(&mut tx, &[id(77), button]).await.unwrap(), [kept]);
        assert_eq!(baselines::remove(&mut tx, &[button]).await.unwrap(), 1);
        assert_eq!(baselines::remove(&mut tx, &[button]).await.unwrap(), 0);
    })
    .await;
}

#[tokio::test]
async fn a_user_is_made_once_and_owns_tokens() {
    on_each(async |world| {
        let user = |number| User {
            id: id(number),
            name: "grace".into(),
            display_name: "Grace".into(),
            role: Role::Developer,
            kind: UserKind::Local,
            created_at: at(0).trunc_subsecs(3),
            disabled_at: None,
        };
        let mut tx = world.store.begin().await.unwrap();
        assert_eq!(users::ensure(&mut tx, user(1)).await.unwrap(), user(1));
        assert_eq!(users::ensure(&mut tx, user(2)).await.unwrap(), user(1));
        users::set_role(&mut tx, id(1), Role::Maintainer).await.unwrap();
        users::set_disabled(&mut tx, id(1), Some(at(3))).await.unwrap();
        let changed = users::get(&mut tx, id(1)).await.unwrap();
        assert_eq!((changed.role, changed.disabled_at), (Role::Maintainer, Some(at(3))));
        assert_eq!(users::list(&mut tx).await.unwrap(), [changed]);
        assert!(users::set_role(&mut tx, id(2), Role::Admin).await.is_err());

        let token = ApiToken {
            id: id(1),
            user_id: id(1),
            name: "ci".into(),
            token_hash: "hash".into(),
            fingerprint: "lk_…9f".into(),
            created_at: at(0),
            expires_at: Some(at(10)),
            last_used_at: None,
            revoked_at: None,
            scopes: json!(["read", "plan"]),
        };
        api_tokens::insert(&mut tx, token.clone()).await.unwrap();
        api_tokens::touch(&mut tx, id(1), at(1)).await.unwrap();
        let found = api_tokens::by_hash(&mut tx, "hash").await.unwrap().unwrap();
        assert_eq!(found, ApiToken { last_used_at: Some(at(1)), ..token.clone() });
        assert!(found.is_valid(at(9)) && !found.is_valid(at(10)));
        api_tokens::revoke(&mut tx, id(1), at(2)).await.unwrap();
        api_tokens::revoke(&mut tx, id(1), at(3)).await.unwrap();
        let revoked = api_tokens::list(&mut tx, id(1)).await.unwrap();
        assert_eq!(revoked[0].revoked_at, Some(at(2)), "the first time stays");
        assert!(!revoked[0].is_valid(at(3)));
        tx.commit().await.unwrap();

        let mut tx = world.store.begin().await.unwrap();
        let error = api_tokens::insert(&mut tx, ApiToken { id: id(2), ..token }).await.unwrap_err();
        assert!(error.violates(Constraint::Unique), "{error}");
    })
    .await;
}

#[tokio::test]
async fn what_one_database_could_not_hold_is_refused_by_both() {
    on_each(async |world| {
        let mut tx = world.store.begin().await.unwrap();
        let mut bad = found("Button");
        bad.detail = json!({"text": "a\u{0}b"});
        let error =
            components::record_scan(&mut tx, vec![scanned(1, "Bad")], |_| bad.clone(), Unfound::Gone, at(0))
                .await
                .unwrap_err();
        assert!(error.to_string().contains("NUL"), "{error}");
    })
    .await;
}

#[tokio::test]
async fn what_is_not_committed_is_not_there_and_a_reader_can_not_write() {
    on_each(async |world| {
        let mut tx = world.store.begin().await.unwrap();
        components::record_scan(
            &mut tx,
            vec![scanned(1, "Button")],
            |_| found("Button"),
            Unfound::Gone,
            at(0),
        )
        .await
        .unwrap();
        tx.roll_back().await.unwrap();
        let mut tx = world.store.begin().await.unwrap();
        assert_eq!(components::list(&mut tx, Presence::Any).await.unwrap(), []);
        components::record_scan(
            &mut tx,
            vec![scanned(1, "Button")],
            |_| found("Button"),
            Unfound::Gone,
            at(0),
        )
        .await
        .unwrap();
        drop(tx);
        let mut tx = world.store.read().await.unwrap();
        assert_eq!(components::list(&mut tx, Presence::Any).await.unwrap(), []);
    })
    .await;
}
