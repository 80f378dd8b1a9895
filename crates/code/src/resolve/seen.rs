//! Which files a piece of work looked at: what it came to holds as long as none of them is another one.

use std::cell::{Cell, RefCell};

use super::FileId;

/// Takes note of files.
#[derive(Debug)]
pub(crate) struct Seen {
    /// Whether each file was looked at since the work that is watched began; none where nothing is watched.
    marks: Vec<Cell<bool>>,
    files: RefCell<Vec<FileId>>,
    /// Counts the pieces of work, of which one may begin within another.
    begun: Cell<u64>,
    /// The piece of work that is watched.
    work: Cell<u64>,
}

/// What a remembered result was made from.
#[derive(Debug, Default)]
pub(crate) struct MadeFrom {
    files: Vec<FileId>,
    /// The piece of work that last took note of them.
    noted: Cell<u64>,
}

impl Seen {
    /// Takes no note.
    pub fn unwatched() -> Self {
        Self::of(0)
    }

    /// Takes note of as many files.
    pub fn of(files: usize) -> Self {
        Self {
            marks: vec![Cell::new(false); files],
            files: RefCell::default(),
            begun: Cell::new(0),
            work: Cell::new(0),
        }
    }

    /// Takes note of a file.
    pub fn note(&self, file: FileId) {
        if let Some(mark) = self.marks.get(file.0 as usize)
            && !mark.replace(true)
        {
            self.files.borrow_mut().push(file);
        }
    }

    /// Takes note of all that a remembered result was made from.
    pub fn note_all(&self, made_from: &MadeFrom) {
        if made_from.noted.replace(self.work.get()) != self.work.get() {
            made_from.files.iter().for_each(|file| self.note(*file));
        }
    }

    /// Does a piece of work, and tells which files it looked at. The work around it looked at them too.
    pub fn during<T>(&self, work: impl FnOnce() -> T) -> (T, MadeFrom) {
        if self.marks.is_empty() {
            return (work(), MadeFrom::default());
        }
        let before = self.files.take();
        self.mark(&before, false);
        self.begun.set(self.begun.get() + 1);
        let around = self.work.replace(self.begun.get());
        let made = work();
        self.work.set(around);
        let files = self.files.replace(before);
        self.mark(&files, false);
        self.mark(&self.files.borrow(), true);
        files.iter().for_each(|file| self.note(*file));
        (made, MadeFrom { files, noted: Cell::new(around) })
    }

    fn mark(&self, files: &[FileId], seen: bool) {
        for file in files {
            if let Some(mark) = self.marks.get(file.0 as usize) {
                mark.set(seen);
            }
        }
    }
}

impl MadeFrom {
    /// The files, in the order in which they were first looked at.
    pub fn into_files(self) -> Vec<FileId> {
        self.files
    }
}
