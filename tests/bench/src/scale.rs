//! The amount of measurements.

use clap::ValueEnum;

/// Amount of measurements.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Scale {
    /// Everything once and small: checks that every value is there and counts add up. The values have no meaning.
    Smoke,
    /// Some five minutes.
    Quick,
    /// Some three quarters of an hour.
    Whole,
}

impl Scale {
    /// Returns one of three values.
    pub(crate) fn pick<T>(self, smoke: T, quick: T, whole: T) -> T {
        match self {
            Self::Smoke => smoke,
            Self::Quick => quick,
            Self::Whole => whole,
        }
    }
}
