//! How a story looks, held against what was approved.

use std::path::PathBuf;

use lockstep_core::{
    contract::sha256_hex,
    role::Action,
    session::{Ending, Problem, SessionReason, SessionStatus},
    undo::Outcome,
};
use lockstep_store::{sessions, test_artifacts};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Chosen, Seen, pixels::Picture, show::Names};
use crate::{context::Engine, error::EngineError, workspace::config::VisualRules};

/// What holding a picture against the approved one came to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ComparedPicture {
    /// The approved picture, from the workspace's folder.
    pub baseline: String,
    /// How much of it differs, in percent; none where they are not of one size.
    pub differing_percent: Option<f64>,
}

/// A picture that was approved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ApprovedPicture {
    /// Storybook's id of the story.
    pub story: String,
    /// Where it is kept, from the workspace's folder.
    pub path: String,
    /// Whether there was none, another one, or the same.
    pub change: PictureChange,
}

/// What approving a picture changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PictureChange {
    /// There was none.
    Added,
    /// There was another one.
    Replaced,
    /// It had been approved already.
    Same,
}

/// How two pictures differ.
#[derive(Debug)]
enum Difference {
    /// Not by a byte, or by nothing that anybody sees.
    None,
    /// They are of these sizes.
    Size((u32, u32), (u32, u32)),
    /// By so many percent, shown in a picture.
    Some(f64, Vec<u8>),
}

/// Compares two pictures. What differs by smoothed edges alone is alike.
fn compare(approved: &[u8], now: &[u8], threshold: f64) -> Result<Difference, String> {
    if approved == now {
        return Ok(Difference::None);
    }
    let read = |png: &[u8]| Picture::read(png).map_err(|error| error.to_string());
    let (approved, now) = (read(approved)?, read(now)?);
    let sizes = [&approved, &now].map(|picture| (picture.width, picture.height));
    if sizes[0] != sizes[1] {
        return Ok(Difference::Size(sizes[0], sizes[1]));
    }
    let found = approved.differing_from(&now, threshold);
    if found.count == 0 {
        return Ok(Difference::None);
    }
    #[expect(clippy::cast_precision_loss, reason = "no picture has 2^52 pixels")]
    let percent = found.count as f64 * 100.0 / (f64::from(now.width) * f64::from(now.height));
    Ok(Difference::Some(percent, found.shown.png().map_err(|error| error.to_string())?))
}

impl VisualRules {
    /// Where the approved picture of a story is, from the workspace's folder; nothing for an id that is no file's name.
    fn baseline(&self, story: &str) -> Option<String> {
        let is_name =
            !story.is_empty() && story.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_'));
        is_name.then(|| format!("{}/{story}.png", self.baselines))
    }
}

impl Engine {
    /// Holds what was seen of a story against its approved picture, where there is one.
    pub(super) async fn compare_picture(&self, chosen: &Chosen, seen: &mut Seen) -> Result<(), EngineError> {
        let rules = &self.workspace.config.sessions.visual;
        let (Ending::Finished, Some(now)) = (seen.observed.ending, &seen.picture) else { return Ok(()) };
        let Some(path) = rules.baseline(&chosen.story) else { return Ok(()) };
        let Ok(approved) = std::fs::read(self.workspace.folder.join(&path)) else { return Ok(()) };
        let (now, threshold) = (now.clone(), rules.threshold);
        let compared = tokio::task::spawn_blocking(move || compare(&approved, &now, threshold)).await;
        let found = match compared {
            Ok(Ok(found)) => found,
            Ok(Err(error)) => {
                let hint = "`lockstep sessions approve` replaces it, once it is removed";
                return Err(EngineError::refused(
                    "bad-picture",
                    format!("the approved picture {path} can't be read: {error}"),
                    hint,
                ));
            }
            Err(_) => return Err(EngineError::Bug(format!("comparing {path} did not come to its end"))),
        };
        let (percent, message) = match found {
            Difference::None => (Some(0.0), None),
            Difference::Size(was, is) => {
                let told = format!("it is {}x{} and was approved as {}x{}", is.0, is.1, was.0, was.1);
                (None, Some(told))
            }
            Difference::Some(percent, picture) => {
                seen.difference = Some(picture);
                let told = format!("{percent:.2} % of it looks other than what was approved");
                (Some(percent), (percent > rules.max_percent).then_some(told))
            }
        };
        seen.observed.visual_difference = message.map(|message| Problem { message, stack: Vec::new() });
        seen.compared = Some(ComparedPicture { baseline: path, differing_percent: percent });
        Ok(())
    }

    /// Takes the newest picture of stories for how they are to look: of those that passed, or of which nothing but the look
    /// failed. Without names, of all stories.
    ///
    /// # Errors
    /// When the role does not allow it, a name is about nothing, none of its stories has such a picture, or one can't be
    /// kept.
    pub async fn approve(&self, names: &[String]) -> Result<Vec<ApprovedPicture>, EngineError> {
        self.permit(Action::StartSession, 0).await?;
        let mut tx = self.store.read().await?;
        let known = Names::of(&mut tx).await?;
        let mut wanted = Vec::new();
        for name in names {
            wanted.extend(known.about(name)?);
        }
        if names.is_empty() {
            wanted.extend(known.ids());
        }
        wanted.sort_unstable();
        wanted.dedup();
        let mut approved = Vec::new();
        for id in wanted {
            let Some(session) = sessions::of_story(&mut tx, id, 1).await?.pop() else { continue };
            let is_look = session.reason.as_deref() == Some(SessionReason::VisualDifference.as_str());
            if session.status != SessionStatus::Passed && !is_look {
                continue;
            }
            let artifacts = test_artifacts::of_session(&mut tx, session.id).await?;
            let picture = artifacts.into_iter().find(|found| found.kind == super::ArtifactKind::Screenshot);
            if let Some(picture) = picture {
                approved.extend(self.approve_one(known.told(id).0, &picture.path, &picture.content_hash)?);
            }
        }
        drop(tx);
        if approved.is_empty() {
            let hint = "`lockstep test` makes them; one that fails by more than its look is not taken";
            return Err(EngineError::refused("no-picture", "there is no picture to approve", hint));
        }
        approved.sort_by(|one, other| one.story.cmp(&other.story));
        let mut tx = self.store.begin().await?;
        let stories: Vec<&str> = approved.iter().map(|one| one.story.as_str()).collect();
        self.audit(&mut tx, "approve_picture", Outcome::Done, 0, json!({ "stories": stories })).await?;
        tx.commit().await?;
        Ok(approved)
    }

    /// A picture that a session left behind, as a PNG.
    ///
    /// # Errors
    /// When the role does not allow it, there is no such session or none of that kind, it is not here any more, or the
    /// registry fails.
    pub async fn picture(&self, session: &str, kind: super::ArtifactKind) -> Result<Vec<u8>, EngineError> {
        self.permit(Action::Read, 0).await?;
        let mut tx = self.store.read().await?;
        let id = sessions::by_prefix(&mut tx, session).await?.id;
        let left = test_artifacts::of_session(&mut tx, id).await?;
        drop(tx);
        let hint = "GET /api/v1/sessions/ID lists what it left as `artifacts`";
        let none = || EngineError::not_found(format!("the session left no {kind}"), hint);
        let artifact = left.into_iter().find(|left| left.kind == kind).ok_or_else(none)?;
        // Where it is follows from whose it is: what the registry says of paths may be of another machine.
        let file = self.workspace.folder.join(super::record::picture_path(id, kind));
        let png = std::fs::read(file).ok().filter(|png| sha256_hex(png) == artifact.content_hash);
        png.ok_or_else(|| {
            let message = format!("the {kind} of the session is not kept here any more");
            EngineError::not_found(message, "`lockstep test` makes it anew")
        })
    }

    fn approve_one(
        &self,
        story: String,
        picture: &str,
        hash: &str,
    ) -> Result<Option<ApprovedPicture>, EngineError> {
        let Some(path) = self.workspace.config.sessions.visual.baseline(&story) else { return Ok(None) };
        let from = self.workspace.folder.join(picture);
        let Some(png) = std::fs::read(&from).ok().filter(|png| sha256_hex(png) == hash) else {
            let message = format!("the picture {picture} is not what the session left there");
            return Err(EngineError::refused("no-picture", message, "`lockstep test` makes it anew"));
        };
        let to: PathBuf = self.workspace.folder.join(&path);
        let change = match std::fs::read(&to) {
            Ok(known) if known == png => PictureChange::Same,
            Ok(_) => PictureChange::Replaced,
            Err(_) => PictureChange::Added,
        };
        let unfinished = to.with_extension("png.new");
        let written = to
            .parent()
            .map_or(Ok(()), std::fs::create_dir_all)
            .and_then(|()| std::fs::write(&unfinished, &png))
            .and_then(|()| std::fs::rename(&unfinished, &to));
        written.map_err(|error| {
            let message = format!("the picture can't be kept as {path}: {error}");
            EngineError::refused("unwritable", message, "`baselines` under `[visual]` names another folder")
        })?;
        Ok(Some(ApprovedPicture { story, path, change }))
    }
}
