//! Signed webhooks, as [Standard Webhooks](https://www.standardwebhooks.com) has them.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use secrecy::SecretString;
use serde_json::{Value, json};
use sha2::Sha256;
use url::Url;

use super::{Outgoing, Sent, ask};
use crate::{
    line::{Call, Line},
    vendor::signing_key,
};

/// The body: what happened, when, for programs; and what is said to people.
pub fn body(outgoing: &Outgoing<'_>) -> Value {
    json!({
        "id": outgoing.id,
        "type": outgoing.event_type,
        "timestamp": outgoing.happened_at,
        "data": outgoing.payload,
        "text": outgoing.message,
    })
}

/// The signature of a message: over its id, the time and the body.
fn signature(key: &[u8], id: &str, timestamp: i64, body: &str) -> Option<String> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
    mac.update(format!("{id}.{timestamp}.{body}").as_bytes());
    Some(format!("v1,{}", BASE64_STANDARD.encode(mac.finalize().into_bytes())))
}

pub(super) async fn send(url: &Url, key: &SecretString, outgoing: &Outgoing<'_>, line: &Line) -> Sent {
    let (timestamp, body) = (outgoing.now.timestamp(), body(outgoing).to_string());
    let signed = signing_key(key).ok().and_then(|key| signature(&key, &outgoing.id, timestamp, &body));
    let Some(signature) = signed else {
        return Sent::Never { reason: "the secret is no signing key".to_owned() };
    };
    let call = Call::post(url.clone(), body)
        .json()
        .header("webhook-id", outgoing.id.clone())
        .header("webhook-timestamp", timestamp.to_string())
        .header("webhook-signature", signature);
    match ask(&call, outgoing.now, line).await {
        Ok(_) => Sent::Delivered,
        Err(sent) => sent,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The vector that the scheme's own libraries test with.
    #[test]
    fn a_signature_is_as_the_standard_has_it() {
        let key = signing_key(&"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".into()).unwrap();
        let signed =
            signature(&key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, r#"{"test": 2432232314}"#);
        assert_eq!(signed.unwrap(), "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }
}
