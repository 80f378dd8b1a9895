//! How values are written as bytes and read back: compact, every text and every shared list once.
//!
//! Bytes are never trusted. What reads them gives `None` where they end early or mean nothing, and makes room for no
//! more than they can hold.

use std::collections::{BTreeMap, BTreeSet};

use foldhash::HashMap;
use lockstep_core::{
    contract::{OptionName, PropertyName},
    shared::Shared,
    statement::Identity,
};

use crate::model::{FilePath, Place};

/// A value that can be kept as bytes.
pub(super) trait Kept: Sized {
    /// Writes the value.
    fn keep<'v>(&'v self, to: &mut Writer<'v>);
    /// Reads it back.
    fn take(from: &mut Reader<'_, '_>) -> Option<Self>;
}

/// Lists that many properties share.
type Options = BTreeSet<OptionName>;
type Identities = BTreeMap<OptionName, Identity>;
type Places = BTreeMap<OptionName, Vec<Place>>;

/// Writes values.
#[derive(Default)]
pub(super) struct Writer<'v> {
    bytes: Vec<u8>,
    texts: Texts<'v>,
    files: Texts<'v>,
    lists: ListBytes<'v>,
}

/// Distinct texts in the order in which they were met.
#[derive(Default)]
struct Texts<'v> {
    all: Vec<&'v str>,
    known: HashMap<&'v str, usize>,
}

/// Shared lists as bytes, and which one stands where.
#[derive(Default)]
struct ListBytes<'v> {
    options: Lists<'v>,
    identities: Lists<'v>,
    places: Lists<'v>,
}

#[derive(Default)]
struct Lists<'v> {
    /// Those that were written before.
    before: ListsBefore<'v>,
    known: HashMap<usize, usize>,
    all: Vec<Vec<u8>>,
}

/// Lists as they stand in tables: how many, and their bytes.
#[derive(Clone, Copy, Default)]
struct ListsBefore<'b> {
    count: usize,
    bytes: &'b [u8],
}

impl<'v> Texts<'v> {
    fn of(all: impl Iterator<Item = &'v str>) -> Self {
        let all: Vec<&str> = all.collect();
        let known = all.iter().enumerate().map(|(id, text)| (*text, id)).collect();
        Self { all, known }
    }

    fn id(&mut self, text: &'v str) -> usize {
        let next = self.all.len();
        let id = *self.known.entry(text).or_insert(next);
        if id == next {
            self.all.push(text);
        }
        id
    }

    fn write(&self, bytes: &mut Vec<u8>) {
        write_number(bytes, self.all.len() as u64);
        self.all.iter().for_each(|text| write_number(bytes, text.len() as u64));
        self.all.iter().for_each(|text| bytes.extend_from_slice(text.as_bytes()));
    }
}

impl<'v> Writer<'v> {
    /// Writes what may refer to tables as well, which stay as they are and get longer.
    pub fn continuing(tables: &'v Tables<'_>) -> Self {
        let [options, identities, places] = tables.lists;
        let lists = |before| Lists { before, ..Lists::default() };
        Self {
            bytes: Vec::new(),
            texts: Texts::of(tables.texts.iter().copied()),
            files: Texts::of(tables.files.iter().map(FilePath::as_str)),
            lists: ListBytes {
                options: lists(options),
                identities: lists(identities),
                places: lists(places),
            },
        }
    }

    /// A value as bytes of its own, which refer to the same tables.
    pub fn apart<T: Kept>(&mut self, value: &'v T) -> Vec<u8> {
        let outer = std::mem::take(&mut self.bytes);
        value.keep(self);
        std::mem::replace(&mut self.bytes, outer)
    }

    /// Writes with room for so many bytes.
    pub fn with_room(bytes: usize) -> Self {
        Self { bytes: Vec::with_capacity(bytes), ..Self::default() }
    }

    /// Seven bits a byte, the lowest first.
    pub fn number(&mut self, number: u64) {
        write_number(&mut self.bytes, number);
    }

    /// A text, once however often it is written.
    pub fn text(&mut self, text: &'v str) {
        let id = self.texts.id(text);
        self.number(id as u64);
    }

    /// Bytes as they are.
    pub fn raw(&mut self, bytes: &[u8]) {
        self.number(bytes.len() as u64);
        self.bytes.extend_from_slice(bytes);
    }

    /// Bytes that were written as parts of this.
    pub fn append(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// Values that may be read apart from each other, on several threads.
    pub fn chunks<T: Kept>(&mut self, values: &'v [T]) {
        const CHUNK: usize = 32;
        let mut chunks = Vec::with_capacity(values.len().div_ceil(CHUNK));
        for chunk in values.chunks(CHUNK) {
            let outer = std::mem::take(&mut self.bytes);
            self.number(chunk.len() as u64);
            chunk.iter().for_each(|value| value.keep(self));
            chunks.push(std::mem::replace(&mut self.bytes, outer));
        }
        self.number(chunks.len() as u64);
        chunks.iter().for_each(|chunk| write_number(&mut self.bytes, chunk.len() as u64));
        chunks.iter().for_each(|chunk| self.bytes.extend_from_slice(chunk));
    }

    fn list<T: Kept>(
        &mut self,
        list: &'v Shared<T>,
        of: impl for<'l> Fn(&'l mut ListBytes<'v>) -> &'l mut Lists<'v>,
    ) {
        let address = list.address().addr();
        let lists = of(&mut self.lists);
        let (before, next) = (lists.before.count, lists.all.len());
        let id = *lists.known.entry(address).or_insert(next);
        if id == next {
            lists.all.push(Vec::new());
            let bytes = self.apart(&**list);
            of(&mut self.lists).all[id] = bytes;
        }
        self.number((before + id) as u64);
    }

    /// Numbers and bytes that refer to nothing.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// All that was written, with what it refers to before it.
    pub fn finish(self) -> Vec<u8> {
        let mut whole = Vec::with_capacity(2 * self.bytes.len());
        self.texts.write(&mut whole);
        self.files.write(&mut whole);
        for lists in [self.lists.options, self.lists.identities, self.lists.places] {
            write_number(&mut whole, (lists.before.count + lists.all.len()) as u64);
            whole.extend_from_slice(lists.before.bytes);
            lists.all.iter().for_each(|list| whole.extend_from_slice(list));
        }
        whole.extend_from_slice(&self.bytes);
        whole
    }
}

fn write_number(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

/// What values refer to.
#[derive(Default)]
pub(super) struct Tables<'b> {
    texts: Vec<&'b str>,
    files: Vec<FilePath>,
    options: Vec<Shared<Options>>,
    identities: Vec<Shared<Identities>>,
    places: Vec<Shared<Places>>,
    /// The three kinds of lists as bytes.
    lists: [ListsBefore<'b>; 3],
}

/// Reads values.
#[derive(Clone)]
pub(super) struct Reader<'b, 't> {
    bytes: &'b [u8],
    tables: &'t Tables<'b>,
}

impl<'b> Tables<'b> {
    /// The tables that bytes begin with, and where the values after them start.
    pub fn read(bytes: &'b [u8]) -> Option<(Self, usize)> {
        let mut tables = Self::default();
        let none = Self::default();
        let mut reader = Reader { bytes, tables: &none };
        tables.texts = read_texts(&mut reader)?;
        tables.files = read_texts(&mut reader)?.into_iter().map(FilePath::from).collect();
        let mut rest = reader.bytes;
        (tables.options, tables.lists[0]) = read_lists(&mut rest, &tables)?;
        (tables.identities, tables.lists[1]) = read_lists(&mut rest, &tables)?;
        (tables.places, tables.lists[2]) = read_lists(&mut rest, &tables)?;
        Some((tables, bytes.len() - rest.len()))
    }
}

fn read_texts<'b>(reader: &mut Reader<'b, '_>) -> Option<Vec<&'b str>> {
    let count = reader.count()?;
    let lengths: Vec<usize> = (0..count).map(|_| reader.count()).collect::<Option<_>>()?;
    lengths.into_iter().map(|length| std::str::from_utf8(reader.bytes(length)?).ok()).collect()
}

fn read_lists<'b, T: Kept>(
    rest: &mut &'b [u8],
    tables: &Tables<'b>,
) -> Option<(Vec<Shared<T>>, ListsBefore<'b>)> {
    let mut reader = Reader { bytes: rest, tables };
    let count = reader.count()?;
    let start = reader.bytes;
    let lists = (0..count).map(|_| T::take(&mut reader).map(Shared::from)).collect::<Option<_>>()?;
    *rest = reader.bytes;
    Some((lists, ListsBefore { count, bytes: &start[..start.len() - rest.len()] }))
}

impl<'b, 't> Reader<'b, 't> {
    /// Reads values that refer to tables.
    pub fn of(bytes: &'b [u8], tables: &'t Tables<'b>) -> Self {
        Self { bytes, tables }
    }

    /// What was not read yet.
    pub fn rest(&self) -> &'b [u8] {
        self.bytes
    }

    /// A number.
    pub fn number(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let (byte, rest) = self.bytes.split_first()?;
            self.bytes = rest;
            number |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }

    /// How many values follow, each of at least one byte.
    pub fn count(&mut self) -> Option<usize> {
        usize::try_from(self.number()?).ok().filter(|count| *count <= self.bytes.len())
    }

    fn bytes(&mut self, length: usize) -> Option<&'b [u8]> {
        let (bytes, rest) = self.bytes.split_at_checked(length)?;
        self.bytes = rest;
        Some(bytes)
    }

    /// A text.
    pub fn text(&mut self) -> Option<&'b str> {
        let id = self.number()?;
        self.tables.texts.get(usize::try_from(id).ok()?).copied()
    }

    /// Bytes as they are.
    pub fn raw(&mut self) -> Option<&'b [u8]> {
        let length = self.count()?;
        self.bytes(length)
    }

    /// Readers of the chunks that values were written in.
    pub fn chunks(&mut self) -> Option<Vec<Self>> {
        let count = self.count()?;
        let lengths: Vec<usize> = (0..count).map(|_| self.count()).collect::<Option<_>>()?;
        let tables = self.tables;
        let chunk = |length| self.bytes(length).map(|bytes| Self { bytes, tables });
        lengths.into_iter().map(chunk).collect()
    }

    fn listed<T: Clone>(&mut self, lists: &[Shared<T>]) -> Option<Shared<T>> {
        lists.get(usize::try_from(self.number()?).ok()?).cloned()
    }
}

macro_rules! shared_lists {
    ($($type:ty: $table:ident),*) => {
        $(impl Kept for Shared<$type> {
            fn keep<'v>(&'v self, to: &mut Writer<'v>) {
                to.list(self, |lists| &mut lists.$table);
            }

            fn take(from: &mut Reader<'_, '_>) -> Option<Self> {
                let tables = from.tables;
                from.listed(&tables.$table)
            }
        })*
    };
}

shared_lists!(Options: options, Identities: identities, Places: places);

impl Kept for FilePath {
    fn keep<'v>(&'v self, to: &mut Writer<'v>) {
        let id = to.files.id(self.as_str());
        to.number(id as u64);
    }

    fn take(from: &mut Reader<'_, '_>) -> Option<Self> {
        from.tables.files.get(usize::try_from(from.number()?).ok()?).cloned()
    }
}

macro_rules! texts {
    ($($type:ty: $as_str:ident),*) => {
        $(impl Kept for $type {
            fn keep<'v>(&'v self, to: &mut Writer<'v>) {
                to.text(self.$as_str());
            }

            fn take(from: &mut Reader<'_, '_>) -> Option<Self> {
                Some(from.text()?.into())
            }
        })*
    };
}

texts!(String: as_str, PropertyName: as_str, OptionName: as_str);

macro_rules! numbers {
    ($($type:ty),*) => {
        $(impl Kept for $type {
            fn keep<'v>(&'v self, to: &mut Writer<'v>) {
                to.number(*self as u64);
            }

            fn take(from: &mut Reader<'_, '_>) -> Option<Self> {
                Self::try_from(from.number()?).ok()
            }
        })*
    };
}

numbers!(u32, u64, usize);

impl Kept for bool {
    fn keep<'v>(&'v self, to: &mut Writer<'v>) {
        to.number(u64::from(*self));
    }

    fn take(from: &mut Reader<'_, '_>) -> Option<Self> {
        match from.number()? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }
}

impl<T: Kept> Kept for Option<T> {
    fn keep<'v>(&'v self, to: &mut Writer<'v>) {
        to.number(u64::from(self.is_some()));
        if let Some(value) = self {
            value.keep(to);
        }
    }

    fn take(from: &mut Reader<'_, '_>) -> Option<Self> {
        Some(if bool::take(from)? { Some(T::take(from)?) } else { None })
    }
}

impl<T: Kept> Kept for Vec<T> {
    fn keep<'v>(&'v self, to: &mut Writer<'v>) {
        to.number(self.len() as u64);
        self.iter().for_each(|value| value.keep(to));
    }

    fn take(from: &mut Reader<'_, '_>) -> Option<Self> {
        let count = from.count()?;
        (0..count).map(|_| T::take(from)).collect()
    }
}

impl<T: Kept + Ord> Kept for BTreeSet<T> {
    fn keep<'v>(&'v self, to: &mut Writer<'v>) {
        to.number(self.len() as u64);
        self.iter().for_each(|value| value.keep(to));
    }

    fn take(from: &mut Reader<'_, '_>) -> Option<Self> {
        let count = from.count()?;
        (0..count).map(|_| T::take(from)).collect()
    }
}

impl<K: Kept + Ord, V: Kept> Kept for BTreeMap<K, V> {
    fn keep<'v>(&'v self, to: &mut Writer<'v>) {
        to.number(self.len() as u64);
        for (key, value) in self {
            key.keep(to);
            value.keep(to);
        }
    }

    fn take(from: &mut Reader<'_, '_>) -> Option<Self> {
        let count = from.count()?;
        (0..count).map(|_| <(K, V)>::take(from)).collect()
    }
}

impl<A: Kept, B: Kept> Kept for (A, B) {
    fn keep<'v>(&'v self, to: &mut Writer<'v>) {
        self.0.keep(to);
        self.1.keep(to);
    }

    fn take(from: &mut Reader<'_, '_>) -> Option<Self> {
        Some((A::take(from)?, B::take(from)?))
    }
}
