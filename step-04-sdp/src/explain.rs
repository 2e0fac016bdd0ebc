//! placeholder
pub struct Explanation(String);
impl std::fmt::Display for Explanation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}
#[derive(Debug, thiserror::Error)]
#[error("x")]
pub struct E;
pub fn explain(s: &str) -> Result<Explanation, E> {
    Ok(Explanation(s.to_owned()))
}
