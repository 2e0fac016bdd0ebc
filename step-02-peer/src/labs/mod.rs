//! `--lab NAME`: one mistake on purpose.

pub mod lab_report;
pub mod mystery;

use clap::ValueEnum;

use crate::labs::mystery::Fault;

/// The labs of step 02.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Lab {
    /// Offer a call without addTrack(): nothing to negotiate, so ICE never starts
    NoTrack,
    /// Call addTrack() only after createOffer()
    #[value(hide = true)]
    LateTrack,
    /// Send the offer without setLocalDescription()
    #[value(hide = true)]
    NoLocalDescription,
    /// Make one of these mistakes, or another one, and find out which
    Mystery,
    /// Name the labs of this step
    List,
}

impl Fault for Lab {
    fn clue(self) -> &'static str {
        match self {
            Self::NoTrack => "negotiationneeded was not fired",
            Self::LateTrack => "negotiationneeded was fired, and the offer has no m= section",
            Self::NoLocalDescription => "candidates that local found: 0",
            Self::Mystery | Self::List => "",
        }
    }

    fn explanation(self) -> &'static str {
        match self {
            Self::NoTrack => {
                "Every candidate is for one m= section (RFC 9429 §3.5.2.1), and the offer of a peer without a track has none. So there is\n\
                 nothing to connect: ice and connection stay new, on both sides, and no error is fired on this one. A browser accepts\n\
                 such an offer and gathers nothing. webrtc 0.21 gathers candidates that nobody can use, and rejects the offer on the other\n\
                 side, because the ICE credentials stand in the m= section that is missing. To avoid it: addTrack() before createOffer()."
            }
            Self::LateTrack => {
                "An offer describes the tracks that the peer has when it is created. The event negotiationneeded says that there is more to\n\
                 negotiate than the last offer had: create a new offer then."
            }
            Self::NoLocalDescription => {
                "createOffer() changes nothing. Only setLocalDescription() makes the offer count: it starts the gathering of candidates, and\n\
                 without it the answer is rejected. Call it before the offer is sent."
            }
            Self::Mystery | Self::List => "",
        }
    }
}

/// The labs of a step with one line each, for `--lab list`. Each step has an enum of its own: the name of a variant is
/// the name of the lab, its doc comment the line.
pub fn list<L: ValueEnum>() -> String {
    let labs = L::value_variants().iter().filter(|lab| !is_hidden(*lab));
    let lines = labs.map(|lab| {
        let (name, summary) = name_and_summary(lab);
        format!("{name:<24} {summary}")
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn is_hidden<L: ValueEnum>(lab: &L) -> bool {
    lab.to_possible_value()
        .is_none_or(|value| value.is_hide_set())
}

/// What `--lab` calls this lab, and what it does in one line.
pub fn name_and_summary<L: ValueEnum>(lab: &L) -> (String, String) {
    let value = lab.to_possible_value();
    let value = value.expect("no variant of an enum of labs is skipped");
    let summary = value.get_help().map(ToString::to_string);
    (value.get_name().to_owned(), summary.unwrap_or_default())
}
