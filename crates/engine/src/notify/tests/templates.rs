//! What each kind of event looks like in each kind of channel.

use std::fmt::Write as _;

use super::*;

/// A value with its members sorted, a line each: the order in a map is nobody's promise.
fn lines(value: &Value, at: &str, told: &mut String) {
    match value {
        Value::Object(members) => {
            let mut sorted: Vec<_> = members.iter().collect();
            sorted.sort_by_key(|(name, _)| *name);
            for (name, value) in sorted {
                lines(value, &format!("{at}/{name}"), told);
            }
        }
        Value::Array(values) if !values.is_empty() => {
            for (place, value) in values.iter().enumerate() {
                lines(value, &format!("{at}/{place}"), told);
            }
        }
        value => writeln!(told, "{at} {value}").unwrap(),
    }
}

fn shown(event_type: EventType) -> Preview {
    preview(event_type, "2026-11-30T08:00:00Z".parse().unwrap())
}

/// As Block Kit.
fn slack(event_type: EventType) -> String {
    let mut told = String::new();
    for block in shown(event_type).slack {
        let (kind, text) = (block["type"].as_str().unwrap(), block["text"]["text"].as_str().unwrap());
        writeln!(told, "[{kind}, {}] {text}", block["text"]["type"].as_str().unwrap()).unwrap();
    }
    told
}

fn all(of: impl Fn(EventType) -> String) -> String {
    EventType::ALL.iter().map(|event_type| format!("{event_type}\n{}\n", of(*event_type))).collect()
}

#[test]
fn in_slack() {
    insta::assert_snapshot!(all(slack), @r##"
    sync_completed
    [header, plain_text] 🟠 Synced some of 3 components
    [section, mrkdwn] Done: Badge, Button
    Failed: Card
    `lockstep undo 0193f0c4` takes it back within 24 hours

    drift_detected
    [header, plain_text] 🟠 New drift: 3 changes in 2 components
    [section, mrkdwn] Button, Card
    `lockstep drift` shows who moved, and why it is said

    coverage_summary
    [header, plain_text] 🟠 Coverage is 87.5% of 14 components
    [section, mrkdwn] 6 variants without a story
    `lockstep coverage` shows which

    digest
    [header, plain_text] 🔴 Digest: 2 syncs, 3 changes opened, 1 change closed, 1 component covered less, 1 credential due, 1 story failed
    [section, mrkdwn] Sun 29 Nov 09:00 to Mon 30 Nov 09:00, Europe/Berlin
    [section, mrkdwn] *<https://hub.example.org/api/v1/operations|Syncs>*
    1 completed, 1 partial
    Sun 29 Nov 15:30 0193f0c4 by ada, partial: Badge, Button, Card
    Sun 29 Nov 10:12 0193ef30 by grace, completed: Avatar
    [section, mrkdwn] *<https://hub.example.org/api/v1/drift|Drift>*
    3 changes opened: Button, Card
    1 change closed: Badge
    7 changes open now: Button, Card, Input and 1 more
    the oldest since 12 Oct 2026: Input properties/size/options/large
    [section, mrkdwn] *<https://hub.example.org/api/v1/coverage|Coverage>*
    82.5% to 85%
    down: Card 100% to 75%
    up: Button 50% to 100%
    [section, mrkdwn] *<https://hub.example.org/api/v1/credentials|Credentials>*
    figma (figma) is due on 7 Dec 2026
    [section, mrkdwn] *<https://hub.example.org/api/v1/sessions|Failed stories>*
    components-button--primary: failed play

    credential_status
    [header, plain_text] 🟠 The credential figma is due within 7 days
    [section, mrkdwn] figma expires in 7 days: 14 components, the schedule nightly-sync, 2 channels
    make a new one, then `lockstep credential rotate figma`

    browser_test_failure
    [header, plain_text] 🔴 The story components-button--primary failed
    [section, mrkdwn] failed play
    component: Button
    Unable to find an element with the text: Save
    `lockstep sessions show 0193f0c4` has more
    "##);
}

#[test]
fn as_mail() {
    insta::assert_snapshot!(all(|event_type| shown(event_type).text), @r##"
    sync_completed
    Synced some of 3 components

    Done: Badge, Button
    Failed: Card
    `lockstep undo 0193f0c4` takes it back within 24 hours

    drift_detected
    New drift: 3 changes in 2 components

    Button, Card
    `lockstep drift` shows who moved, and why it is said

    coverage_summary
    Coverage is 87.5% of 14 components

    6 variants without a story
    `lockstep coverage` shows which

    digest
    Digest: 2 syncs, 3 changes opened, 1 change closed, 1 component covered less, 1 credential due, 1 story failed

    Sun 29 Nov 09:00 to Mon 30 Nov 09:00, Europe/Berlin

    Syncs: https://hub.example.org/api/v1/operations
      1 completed, 1 partial
      Sun 29 Nov 15:30 0193f0c4 by ada, partial: Badge, Button, Card
      Sun 29 Nov 10:12 0193ef30 by grace, completed: Avatar

    Drift: https://hub.example.org/api/v1/drift
      3 changes opened: Button, Card
      1 change closed: Badge
      7 changes open now: Button, Card, Input and 1 more
      the oldest since 12 Oct 2026: Input properties/size/options/large

    Coverage: https://hub.example.org/api/v1/coverage
      82.5% to 85%
      down: Card 100% to 75%
      up: Button 50% to 100%

    Credentials: https://hub.example.org/api/v1/credentials
      figma (figma) is due on 7 Dec 2026

    Failed stories: https://hub.example.org/api/v1/sessions
      components-button--primary: failed play

    credential_status
    The credential figma is due within 7 days

    figma expires in 7 days: 14 components, the schedule nightly-sync, 2 channels
    make a new one, then `lockstep credential rotate figma`

    browser_test_failure
    The story components-button--primary failed

    failed play
    component: Button
    Unable to find an element with the text: Save
    `lockstep sessions show 0193f0c4` has more
    "##);
}

#[test]
fn as_mail_in_html() {
    insta::assert_snapshot!(all(|event_type| shown(event_type).html), @r##"
    sync_completed
    <!doctype html>
    <h2>Synced some of 3 components</h2>
    <p>Done: Badge, Button</p>
    <p>Failed: Card</p>
    <p>`lockstep undo 0193f0c4` takes it back within 24 hours</p>

    drift_detected
    <!doctype html>
    <h2>New drift: 3 changes in 2 components</h2>
    <p>Button, Card</p>
    <p>`lockstep drift` shows who moved, and why it is said</p>

    coverage_summary
    <!doctype html>
    <h2>Coverage is 87.5% of 14 components</h2>
    <p>6 variants without a story</p>
    <p>`lockstep coverage` shows which</p>

    digest
    <!doctype html>
    <h2>Digest: 2 syncs, 3 changes opened, 1 change closed, 1 component covered less, 1 credential due, 1 story failed</h2>
    <p>Sun 29 Nov 09:00 to Mon 30 Nov 09:00, Europe/Berlin</p>
    <h3><a href="https://hub.example.org/api/v1/operations">Syncs</a></h3>
    <ul>
    <li>1 completed, 1 partial</li>
    <li>Sun 29 Nov 15:30 0193f0c4 by ada, partial: Badge, Button, Card</li>
    <li>Sun 29 Nov 10:12 0193ef30 by grace, completed: Avatar</li>
    </ul>
    <h3><a href="https://hub.example.org/api/v1/drift">Drift</a></h3>
    <ul>
    <li>3 changes opened: Button, Card</li>
    <li>1 change closed: Badge</li>
    <li>7 changes open now: Button, Card, Input and 1 more</li>
    <li>the oldest since 12 Oct 2026: Input properties/size/options/large</li>
    </ul>
    <h3><a href="https://hub.example.org/api/v1/coverage">Coverage</a></h3>
    <ul>
    <li>82.5% to 85%</li>
    <li>down: Card 100% to 75%</li>
    <li>up: Button 50% to 100%</li>
    </ul>
    <h3><a href="https://hub.example.org/api/v1/credentials">Credentials</a></h3>
    <ul>
    <li>figma (figma) is due on 7 Dec 2026</li>
    </ul>
    <h3><a href="https://hub.example.org/api/v1/sessions">Failed stories</a></h3>
    <ul>
    <li>components-button--primary: failed play</li>
    </ul>

    credential_status
    <!doctype html>
    <h2>The credential figma is due within 7 days</h2>
    <p>figma expires in 7 days: 14 components, the schedule nightly-sync, 2 channels</p>
    <p>make a new one, then `lockstep credential rotate figma`</p>

    browser_test_failure
    <!doctype html>
    <h2>The story components-button--primary failed</h2>
    <p>failed play</p>
    <p>component: Button</p>
    <p>Unable to find an element with the text: Save</p>
    <p>`lockstep sessions show 0193f0c4` has more</p>
    "##);
}

#[test]
fn as_the_body_of_a_webhook() {
    let body = |event_type| {
        let mut told = String::new();
        lines(&shown(event_type).webhook, "", &mut told);
        told
    };
    insta::assert_snapshot!(all(body), @r##"
    sync_completed
    /data/applied/0 "Badge"
    /data/applied/1 "Button"
    /data/components 3
    /data/failed/0 "Card"
    /data/operation "0193f0c4-5b5e-7c3a-9d1e-000000000001"
    /data/status "partial"
    /id "00000000-0000-0000-0000-000000000000"
    /text/lines/0 "Done: Badge, Button"
    /text/lines/1 "Failed: Card"
    /text/lines/2 "`lockstep undo 0193f0c4` takes it back within 24 hours"
    /text/title "Synced some of 3 components"
    /text/tone "warn"
    /timestamp "2026-11-30T08:00:00Z"
    /type "sync_completed"

    drift_detected
    /data/changes 3
    /data/components 2
    /data/each/Button 2
    /data/each/Card 1
    /data/names/0 "Button"
    /data/names/1 "Card"
    /id "00000000-0000-0000-0000-000000000000"
    /text/lines/0 "Button, Card"
    /text/lines/1 "`lockstep drift` shows who moved, and why it is said"
    /text/title "New drift: 3 changes in 2 components"
    /text/tone "warn"
    /timestamp "2026-11-30T08:00:00Z"
    /type "drift_detected"

    coverage_summary
    /data/changed 2
    /data/components 14
    /data/missing_variants 6
    /data/percent 87.5
    /id "00000000-0000-0000-0000-000000000000"
    /text/lines/0 "6 variants without a story"
    /text/lines/1 "`lockstep coverage` shows which"
    /text/title "Coverage is 87.5% of 14 components"
    /text/tone "warn"
    /timestamp "2026-11-30T08:00:00Z"
    /type "coverage_summary"

    digest
    /data/coverage/after 85.0
    /data/coverage/before 82.5
    /data/coverage/down 1
    /data/coverage/moved/0/after 75.0
    /data/coverage/moved/0/before 100.0
    /data/coverage/moved/0/component "Card"
    /data/coverage/moved/1/after 100.0
    /data/coverage/moved/1/before 50.0
    /data/coverage/moved/1/component "Button"
    /data/coverage/up 1
    /data/credentials/0/due "2026-12-07T08:00:00Z"
    /data/credentials/0/name "figma"
    /data/credentials/0/status "valid"
    /data/credentials/0/vendor "figma"
    /data/drift/closed/changes 1
    /data/drift/closed/components 1
    /data/drift/closed/names/0 "Badge"
    /data/drift/oldest/component "Input"
    /data/drift/oldest/path "properties/size/options/large"
    /data/drift/oldest/since "2026-10-12T10:00:00Z"
    /data/drift/open/changes 7
    /data/drift/open/components 4
    /data/drift/open/names/0 "Button"
    /data/drift/open/names/1 "Card"
    /data/drift/open/names/2 "Input"
    /data/drift/opened/changes 3
    /data/drift/opened/components 2
    /data/drift/opened/names/0 "Button"
    /data/drift/opened/names/1 "Card"
    /data/hub "https://hub.example.org"
    /data/schedule "daily-digest"
    /data/sessions/failed 1
    /data/sessions/newest/0/reason "failed_play"
    /data/sessions/newest/0/session "0193f0c4-2222-7c3a-9d1e-000000000001"
    /data/sessions/newest/0/story "components-button--primary"
    /data/since "2026-11-29T08:00:00Z"
    /data/syncs/completed 1
    /data/syncs/failed 0
    /data/syncs/newest/0/at "2026-11-29T14:30:00Z"
    /data/syncs/newest/0/by "ada"
    /data/syncs/newest/0/components 3
    /data/syncs/newest/0/names/0 "Badge"
    /data/syncs/newest/0/names/1 "Button"
    /data/syncs/newest/0/names/2 "Card"
    /data/syncs/newest/0/operation "0193f0c4-5b5e-7c3a-9d1e-000000000001"
    /data/syncs/newest/0/status "partial"
    /data/syncs/newest/1/at "2026-11-29T09:12:00Z"
    /data/syncs/newest/1/by "grace"
    /data/syncs/newest/1/components 1
    /data/syncs/newest/1/names/0 "Avatar"
    /data/syncs/newest/1/operation "0193ef30-1111-7c3a-9d1e-000000000001"
    /data/syncs/newest/1/status "completed"
    /data/syncs/partial 1
    /data/syncs/unfinished 0
    /data/until "2026-11-30T08:00:00Z"
    /data/zone "Europe/Berlin"
    /id "00000000-0000-0000-0000-000000000000"
    /text/lines/0 "Sun 29 Nov 09:00 to Mon 30 Nov 09:00, Europe/Berlin"
    /text/sections/0/heading "Syncs"
    /text/sections/0/lines/0 "1 completed, 1 partial"
    /text/sections/0/lines/1 "Sun 29 Nov 15:30 0193f0c4 by ada, partial: Badge, Button, Card"
    /text/sections/0/lines/2 "Sun 29 Nov 10:12 0193ef30 by grace, completed: Avatar"
    /text/sections/0/url "https://hub.example.org/api/v1/operations"
    /text/sections/1/heading "Drift"
    /text/sections/1/lines/0 "3 changes opened: Button, Card"
    /text/sections/1/lines/1 "1 change closed: Badge"
    /text/sections/1/lines/2 "7 changes open now: Button, Card, Input and 1 more"
    /text/sections/1/lines/3 "the oldest since 12 Oct 2026: Input properties/size/options/large"
    /text/sections/1/url "https://hub.example.org/api/v1/drift"
    /text/sections/2/heading "Coverage"
    /text/sections/2/lines/0 "82.5% to 85%"
    /text/sections/2/lines/1 "down: Card 100% to 75%"
    /text/sections/2/lines/2 "up: Button 50% to 100%"
    /text/sections/2/url "https://hub.example.org/api/v1/coverage"
    /text/sections/3/heading "Credentials"
    /text/sections/3/lines/0 "figma (figma) is due on 7 Dec 2026"
    /text/sections/3/url "https://hub.example.org/api/v1/credentials"
    /text/sections/4/heading "Failed stories"
    /text/sections/4/lines/0 "components-button--primary: failed play"
    /text/sections/4/url "https://hub.example.org/api/v1/sessions"
    /text/title "Digest: 2 syncs, 3 changes opened, 1 change closed, 1 component covered less, 1 credential due, 1 story failed"
    /text/tone "bad"
    /timestamp "2026-11-30T08:00:00Z"
    /type "digest"

    credential_status
    /data/credential "figma"
    /data/days 7
    /data/impact "figma expires in 7 days: 14 components, the schedule nightly-sync, 2 channels"
    /data/next_step "make a new one, then `lockstep credential rotate figma`"
    /data/status "valid"
    /data/vendor "figma"
    /id "00000000-0000-0000-0000-000000000000"
    /text/lines/0 "figma expires in 7 days: 14 components, the schedule nightly-sync, 2 channels"
    /text/lines/1 "make a new one, then `lockstep credential rotate figma`"
    /text/title "The credential figma is due within 7 days"
    /text/tone "warn"
    /timestamp "2026-11-30T08:00:00Z"
    /type "credential_status"

    browser_test_failure
    /data/component "Button"
    /data/message "Unable to find an element with the text: Save"
    /data/reason "failed_play"
    /data/session "0193f0c4-2222-7c3a-9d1e-000000000001"
    /data/story "components-button--primary"
    /id "00000000-0000-0000-0000-000000000000"
    /text/lines/0 "failed play"
    /text/lines/1 "component: Button"
    /text/lines/2 "Unable to find an element with the text: Save"
    /text/lines/3 "`lockstep sessions show 0193f0c4` has more"
    /text/title "The story components-button--primary failed"
    /text/tone "bad"
    /timestamp "2026-11-30T08:00:00Z"
    /type "browser_test_failure"
    "##);
}
