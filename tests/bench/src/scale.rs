//! How much is measured.

use clap::ValueEnum;

/// How much is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Scale {
    /// Everything once and small: whether every figure is there and counts add up. The figures mean nothing.
    Smoke,
    /// In four minutes.
    Quick,
    /// In three quarters of an hour.
    Whole,
}

impl Scale {
    /// One of three.
    pub(crate) fn pick<T>(self, smoke: T, quick: T, whole: T) -> T {
        match self {
            Self::Smoke => smoke,
            Self::Quick => quick,
            Self::Whole => whole,
        }
    }
}
