//! Mail: the same in plain text and in HTML.

use lettre::{
    AsyncTransport as _, Message as Mail,
    message::{Mailbox, MultiPart},
};
use lockstep_core::notification::{Message, Section};
use secrecy::SecretString;

use super::{Outgoing, Sent};
use crate::vendor::MailServer;

/// A message's text and its HTML.
pub fn rendered(message: &Message) -> (String, String) {
    let mut text = format!("{}\n\n{}\n", message.title, message.lines.join("\n"));
    let mut html = format!("<!doctype html>\n<h2>{}</h2>\n", escaped(&message.title));
    for line in &message.lines {
        html.push_str(&format!("<p>{}</p>\n", escaped(line)));
    }
    for Section { heading, url, lines } in &message.sections {
        let lined: String = lines.iter().map(|line| format!("  {line}\n")).collect();
        let items: String = lines.iter().map(|line| format!("<li>{}</li>\n", escaped(line))).collect();
        let (name, heading) = (escaped(heading), heading.as_str());
        let (told, linked) = match url {
            Some(url) => (format!("{heading}: {url}"), format!("<a href=\"{}\">{name}</a>", escaped(url))),
            None => (heading.to_owned(), name),
        };
        text.push_str(&format!("\n{told}\n{lined}"));
        html.push_str(&format!("<h3>{linked}</h3>\n<ul>\n{items}</ul>\n"));
    }
    (text, html)
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

pub(super) async fn send(
    server: &MailServer,
    password: &SecretString,
    from: &str,
    to: &[String],
    outgoing: &Outgoing<'_>,
) -> Sent {
    let unfit = |reason: &str| Sent::Never { reason: reason.to_owned() };
    let Ok(from) = from.parse::<Mailbox>() else { return unfit("`from` is no address") };
    let mut mail = Mail::builder()
        .subject(&outgoing.message.title)
        .message_id(Some(format!("<{}@lockstep>", outgoing.id)));
    for address in to {
        let Ok(address) = address.trim().parse::<Mailbox>() else {
            return unfit("`to` has what is no address");
        };
        mail = mail.to(address);
    }
    let (text, html) = rendered(outgoing.message);
    let Ok(mail) = mail.from(from).multipart(MultiPart::alternative_plain_html(text, html)) else {
        return unfit("no mail can be made of it");
    };
    let transport = match server.transport(password) {
        Ok(transport) => transport,
        Err(unfit) => return Sent::Never { reason: unfit.message },
    };
    match transport.send(mail).await {
        Ok(_) => Sent::Delivered,
        Err(error) => {
            let status = error.status().map(|code| format!("the mail server answers {code}"));
            let reason = status.unwrap_or_else(|| "the connection to the mail server failed".to_owned());
            match error.is_permanent() {
                true => Sent::Never { reason },
                false => Sent::Later { reason, after: None },
            }
        }
    }
}
