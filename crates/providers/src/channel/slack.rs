//! Messages in Slack, as Block Kit: by a bot, or by an incoming webhook.

use lockstep_core::notification::{Message, Tone};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};
use url::Url;

use super::{Outgoing, Sent, ask};
use crate::line::{Call, Line, address, below};

/// Slack's limits: letters of a header, letters of a section, blocks of a message.
const HEADER: usize = 150;
const SECTION: usize = 3_000;
const BLOCKS: usize = 50;
/// How far back a message is looked for that may be there.
const LOOKED_AT: &str = "100";
/// What Slack's errors that pass are called.
const PASSING: &[&str] = &[
    "ratelimited",
    "rate_limited",
    "internal_error",
    "fatal_error",
    "service_unavailable",
    "request_timeout",
];

/// A message as blocks: none is longer than Slack takes, and what doesn't fit is split, or counted at the end.
pub fn blocks(message: &Message) -> Vec<Value> {
    let mark = match message.tone {
        Tone::Good => "🟢",
        Tone::Warn => "🟠",
        Tone::Bad => "🔴",
    };
    let title: String = format!("{mark} {}", message.title).chars().take(HEADER).collect();
    let mut blocks =
        vec![json!({ "type": "header", "text": { "type": "plain_text", "text": title, "emoji": true } })];
    let parts = message.sections.iter().map(|part| {
        let heading = escaped(&part.heading);
        let heading = match part.url.as_deref().filter(|url| !url.contains(['|', '<', '>', ' '])) {
            Some(url) => format!("*<{}|{heading}>*", escaped(url)),
            None => format!("*{heading}*"),
        };
        sections(Some(heading), &part.lines)
    });
    let mut sections: Vec<String> =
        [sections(None, &message.lines)].into_iter().chain(parts).flatten().collect();
    let room = BLOCKS - 2;
    if sections.len() > room {
        let more = sections.len() - room;
        sections.truncate(room);
        sections
            .push(format!("… and {more} times as much again: `lockstep notify list --json` has all of it"));
    }
    let section = |text| json!({ "type": "section", "text": { "type": "mrkdwn", "text": text } });
    blocks.extend(sections.into_iter().map(section));
    blocks
}

/// The lines, put together into texts that fit a section; a line that doesn't fit one is split. The heading is Slack's own
/// spelling already, and short.
fn sections(heading: Option<String>, lines: &[String]) -> Vec<String> {
    let mut length = heading.as_ref().map_or(0, |heading| heading.chars().count());
    let mut sections: Vec<String> = heading.into_iter().collect();
    for line in lines {
        // Escaping makes it longer at most five times.
        let letters: Vec<char> = line.chars().collect();
        for part in letters.chunks(SECTION / 5 - 1) {
            let part = escaped(&part.iter().collect::<String>());
            let more = part.chars().count() + 1;
            match sections.last_mut() {
                Some(last) if length + more <= SECTION => {
                    last.push('\n');
                    last.push_str(&part);
                    length += more;
                }
                _ => {
                    length = more;
                    sections.push(part);
                }
            }
        }
    }
    sections
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

pub(super) async fn send_to_webhook(url: &SecretString, outgoing: &Outgoing<'_>, line: &Line) -> Sent {
    let Ok(url) = address(url.expose_secret()) else {
        return Sent::Never { reason: "the secret is no webhook's address".to_owned() };
    };
    let body = json!({ "text": outgoing.message.title, "blocks": blocks(outgoing.message) });
    match ask(&Call::post(url, body.to_string()).json(), outgoing.now, line).await {
        Ok(_) => Sent::Delivered,
        Err(sent) => sent,
    }
}

pub(super) async fn send(
    api: &Url,
    channel: &str,
    token: &SecretString,
    outgoing: &Outgoing<'_>,
    line: &Line,
) -> Sent {
    if outgoing.may_be_there && is_there(api, channel, token, outgoing, line).await {
        return Sent::Delivered;
    }
    let body = json!({
        "channel": channel,
        "text": outgoing.message.title,
        "blocks": blocks(outgoing.message),
        "metadata": { "event_type": "lockstep_event", "event_payload": { "id": outgoing.id } },
        "unfurl_links": false,
    });
    let call = Call::post(below(api, &["chat.postMessage"]), body.to_string()).json().bearer(token);
    let answer = match ask(&call, outgoing.now, line).await {
        Ok(answer) => answer,
        Err(sent) => return sent,
    };
    let said = answer.json();
    match (said["ok"].as_bool(), said["error"].as_str().unwrap_or("no answer of Slack's")) {
        (Some(true), _) => Sent::Delivered,
        (_, error) if PASSING.contains(&error) => Sent::Later { reason: error.to_owned(), after: None },
        (_, error) => Sent::Never { reason: error.to_owned() },
    }
}

/// Whether an earlier try came through: its message bears the event's id. Where Slack doesn't say, it is sent again.
async fn is_there(
    api: &Url,
    channel: &str,
    token: &SecretString,
    outgoing: &Outgoing<'_>,
    line: &Line,
) -> bool {
    let mut url = below(api, &["conversations.history"]);
    url.query_pairs_mut()
        .append_pair("channel", channel)
        .append_pair("include_all_metadata", "true")
        .append_pair("limit", LOOKED_AT)
        .append_pair("oldest", &outgoing.happened_at.timestamp().to_string());
    let Ok(answer) = ask(&Call::get(url).bearer(token), outgoing.now, line).await else { return false };
    let history = answer.json();
    let messages = history["messages"].as_array().into_iter().flatten();
    let mut ids = messages.filter_map(|message| message.pointer("/metadata/event_payload/id")?.as_str());
    ids.any(|id| id == outgoing.id)
}

#[cfg(test)]
mod tests {
    use lockstep_core::notification::Section;

    use super::*;

    #[test]
    fn what_is_long_is_split_and_never_too_long() {
        let part = |lines: &Vec<String>| Section {
            heading: "Drift & more".to_owned(),
            url: Some("https://hub.example.org/drift?a&b".to_owned()),
            lines: lines.clone(),
        };
        let message = |lines: Vec<String>| Message {
            title: "x".repeat(500),
            tone: Tone::Bad,
            sections: vec![part(&lines), part(&lines)],
            lines,
        };
        for lines in [
            vec![],
            vec!["short".to_owned()],
            vec!["&".repeat(20_000)],
            vec!["<é>".repeat(900); 200],
            vec!["a".repeat(90); 5_000],
        ] {
            let blocks = blocks(&message(lines));
            assert!(blocks.len() <= BLOCKS);
            for block in &blocks {
                let text = block["text"]["text"].as_str().unwrap();
                let limit = if block["type"] == "header" { HEADER } else { SECTION };
                assert!((1..=limit).contains(&text.chars().count()), "{}", text.len());
            }
        }
        let few = blocks(&message(vec!["one <b>".to_owned(), "two & three".to_owned()]));
        assert_eq!(few[1]["text"]["text"], "one &lt;b&gt;\ntwo &amp; three");
        assert_eq!(
            few[2]["text"]["text"],
            "*<https://hub.example.org/drift?a&amp;b|Drift &amp; more>*\none &lt;b&gt;\ntwo &amp; three"
        );
    }
}
