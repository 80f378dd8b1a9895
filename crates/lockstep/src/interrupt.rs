//! Ctrl-C and the request to terminate, while components are written.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use signal_hook::{
    consts::{SIGINT, SIGTERM},
    flag,
};

/// Whether somebody wants the run to end. Until [`Interrupt::heed`] a signal ends it at once, as nothing is being written.
#[derive(Debug, Clone, Default)]
pub struct Interrupt {
    signal: Arc<AtomicUsize>,
    /// Whether a signal is how the run ends when all is well.
    is_expected: Arc<AtomicBool>,
}

impl Interrupt {
    /// From here on the first signal lets the component at hand be finished; the second ends the run at once, and the
    /// next one brings that component back.
    ///
    /// # Errors
    /// When the operating system refuses.
    pub fn heed(&self) -> std::io::Result<()> {
        let came = Arc::new(AtomicBool::new(false));
        for signal in [SIGINT, SIGTERM] {
            flag::register_conditional_shutdown(signal, exit_code(signal), Arc::clone(&came))?;
            flag::register(signal, Arc::clone(&came))?;
            flag::register_usize(
                signal,
                Arc::clone(&self.signal),
                usize::try_from(signal).unwrap_or_default(),
            )?;
        }
        Ok(())
    }

    /// [`Interrupt::heed`], for a run that goes on until a signal comes: that is its end, and no interruption.
    ///
    /// # Errors
    /// When the operating system refuses.
    pub fn expect(&self) -> std::io::Result<()> {
        self.is_expected.store(true, Ordering::Relaxed);
        self.heed()
    }

    /// Whether a signal came.
    pub fn came(&self) -> bool {
        self.signal.load(Ordering::Relaxed) > 0
    }

    /// The exit code of the signal that came, if one did and it interrupted something.
    pub fn code(&self) -> Option<u8> {
        if self.is_expected.load(Ordering::Relaxed) {
            return None;
        }
        let signal = i32::try_from(self.signal.load(Ordering::Relaxed)).ok().filter(|signal| *signal > 0)?;
        u8::try_from(exit_code(signal)).ok()
    }
}

/// As shells tell it: 130 for Ctrl-C, 143 for the request to terminate.
fn exit_code(signal: i32) -> i32 {
    128 + signal
}
