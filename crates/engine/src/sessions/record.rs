//! Sessions go into the registry: when they begin, and when they end.

use std::{collections::BTreeMap, io};

use lockstep_core::{
    contract::sha256_hex,
    ids::{SessionId, StoryId},
    notification::EventType,
    session::{ArtifactKind, Ending, Observed, SessionReason, SessionStatus, Verdict, verdict},
};
use lockstep_store::{
    Error as StoreError, sessions,
    sessions::{End, Session},
    stories,
    test_artifacts::{self, TestArtifact},
};
use serde_json::json;
use uuid::Uuid;

use lockstep_core::session::Judging;

use super::{Chosen, Detail, Seen, SessionView};
use crate::{context::Engine, error::EngineError, process};

/// Where what sessions leave behind is kept.
const FOLDER: &str = ".lockstep/sessions";

/// Where a picture is kept, from the workspace's folder.
pub(super) fn picture_path(session: SessionId, kind: ArtifactKind) -> String {
    format!("{FOLDER}/{session}/{kind}.png")
}

impl Engine {
    /// The registry's ids of stories.
    pub(super) async fn story_ids(&self) -> Result<BTreeMap<String, StoryId>, EngineError> {
        let all = stories::named(&mut self.store.read().await?).await?;
        Ok(all.into_iter().map(|story| (story.story_id, story.id)).collect())
    }

    /// A session begins.
    pub(super) async fn begin_session(
        &self,
        story: StoryId,
        detail: &Detail,
    ) -> Result<Session, EngineError> {
        let session = Session {
            id: SessionId::from(Uuid::new_v4()),
            story_id: story,
            start_time: self.now(),
            end_time: None,
            status: SessionStatus::Running,
            performance_summary: None,
            correlation_id: self.correlation,
            reason: None,
            process: Some(process::token()),
            detail: serde_json::to_value(detail)?,
        };
        let mut tx = self.store.begin().await?;
        sessions::insert(&mut tx, session.clone()).await?;
        tx.commit().await?;
        Ok(session)
    }

    /// A session ends with what was seen, and with a picture where there is one. `is_last` is whether the story is not
    /// tried again.
    pub(super) async fn end_session(
        &self,
        begun: Session,
        chosen: &Chosen,
        mut detail: Detail,
        seen: Seen,
        judging: &Judging,
        is_last: bool,
    ) -> Result<SessionView, EngineError> {
        let Verdict { status, reason, message, excess } = verdict(&seen.observed, judging);
        let Observed { exceptions, failed_plays, console_errors, performance, .. } = seen.observed;
        detail.message = message;
        detail.excess = excess;
        detail.exceptions = exceptions;
        detail.failed_plays = failed_plays;
        detail.console_errors = console_errors;
        detail.failed_requests = seen.requests;
        detail.violations = seen.violations;
        detail.unchecked = seen.unchecked;
        detail.compared = seen.compared;
        let pictures =
            [(ArtifactKind::Screenshot, seen.picture), (ArtifactKind::VisualDiff, seen.difference)];
        let mut artifacts = Vec::new();
        for (kind, png) in pictures {
            artifacts.extend(png.map(|png| self.keep_picture(begun.id, kind, &png)).transpose()?);
        }
        let end = End {
            status,
            at: self.now(),
            performance_summary: performance.map(serde_json::to_value).transpose()?,
            reason: reason.map(|reason| reason.to_string()),
            detail: Some(serde_json::to_value(&detail)?),
        };
        let mut tx = self.store.begin().await?;
        sessions::end(&mut tx, begun.id, end).await?;
        for artifact in &artifacts {
            test_artifacts::insert(&mut tx, artifact.clone()).await?;
        }
        if status == SessionStatus::Failed && is_last {
            let component = chosen.component.as_ref().map(|(_, name, _)| name);
            let reason = reason.map(SessionReason::as_str);
            let summary = json!({
                "story": chosen.story, "component": component, "reason": reason, "message": first_line(&detail),
                "session": begun.id,
            });
            self.enqueue(&mut tx, EventType::BrowserTestFailure, summary).await?;
        }
        let row = sessions::get(&mut tx, begun.id).await?;
        tx.commit().await?;
        let component = chosen.component.as_ref().map(|(_, name, _)| name.clone());
        SessionView::of(row, chosen.story.clone(), component, artifacts)
    }

    /// Writes a picture beside the registry; its row is written with the session's end.
    fn keep_picture(
        &self,
        session: SessionId,
        kind: ArtifactKind,
        png: &[u8],
    ) -> Result<TestArtifact, EngineError> {
        let path = picture_path(session, kind);
        let file = self.workspace.folder.join(&path);
        let written =
            file.parent().map_or(Ok(()), std::fs::create_dir_all).and_then(|()| std::fs::write(&file, png));
        written.map_err(|error: io::Error| {
            let message = format!("a picture can't be kept at {path}: {error}");
            EngineError::refused("unwritable", message, "make room, or let this user write there")
        })?;
        Ok(TestArtifact {
            id: Uuid::now_v7().into(),
            session_id: session,
            kind,
            media_type: "image/png".to_owned(),
            content_hash: sha256_hex(png),
            size: i64::try_from(png.len()).unwrap_or(i64::MAX),
            path,
            created_at: self.now(),
        })
    }

    /// Ends sessions that nobody is about to end: their processes have died.
    ///
    /// # Errors
    /// When the registry fails.
    pub(crate) async fn abort_abandoned_sessions(&self) -> Result<(), EngineError> {
        let mut tx = self.store.read().await?;
        let mut left = sessions::running(&mut tx).await?;
        drop(tx);
        left.retain(|session| {
            session.process.as_ref().is_none_or(|process| process::is_abandoned(session.id.into(), process))
        });
        for session in left {
            let told = Observed {
                ending: Ending::BrowserLost,
                ending_told: Some("the process that ran it has died".to_owned()),
                ..Observed::default()
            };
            let Verdict { status, reason, message, .. } = verdict(&told, &Judging::default());
            let mut detail: Detail = serde_json::from_value(session.detail).unwrap_or_default();
            detail.message = message;
            let end = End {
                status,
                at: self.now(),
                performance_summary: None,
                reason: reason.map(|reason| reason.to_string()),
                detail: Some(serde_json::to_value(&detail)?),
            };
            let mut tx = self.store.begin().await?;
            match sessions::end(&mut tx, session.id, end).await {
                // Another process was faster.
                Err(StoreError::Lost { .. }) => {}
                ended => {
                    ended?;
                    tx.commit().await?;
                }
            }
        }
        Ok(())
    }
}

fn first_line(detail: &Detail) -> Option<&str> {
    detail.message.as_deref().and_then(|message| message.lines().next())
}
