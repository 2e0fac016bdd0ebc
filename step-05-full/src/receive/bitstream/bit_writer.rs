//! Writes syntax elements, for tests: the opposite of [`BitReader`](super::bit_reader::BitReader).

/// The bits of a payload, one a character.
#[derive(Default)]
pub(super) struct BitWriter(String);

impl BitWriter {
    /// u(n)
    pub(super) fn bits(mut self, count: usize, value: u32) -> Self {
        self.0 += &format!("{value:0count$b}");
        self
    }

    /// ue(v)
    pub(super) fn unsigned(self, value: u32) -> Self {
        let length = (value + 1).ilog2() as usize;
        self.bits(2 * length + 1, value + 1)
    }

    /// The payload with its trailing bits.
    pub(super) fn payload(self) -> Vec<u8> {
        let bits = self.0 + "1";
        let bytes = bits.as_bytes().chunks(8).map(|byte| {
            let bit = |byte: u8, bit: &u8| byte << 1 | (bit - b'0');
            byte.iter().fold(0, bit) << (8 - byte.len())
        });
        bytes.collect()
    }
}
