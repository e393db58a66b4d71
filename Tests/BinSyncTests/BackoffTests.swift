import BinSync
import Testing

/// The table in `Backoff`'s own documentation, both ends of chance.
@Test(
    "the wait doubles, stays bounded, and half of it is chance",
    arguments: [
        (1, 1_000, 2_000), (2, 2_000, 4_000), (3, 4_000, 8_000), (5, 16_000, 32_000),
        (8, 128_000, 256_000), (9, 150_000, 300_000), (1_000_000, 150_000, 300_000),
        (0, 1_000, 2_000),
    ] as [(Int, Int64, Int64)])
func waits(failures: Int, shortest: Int64, longest: Int64) {
    #expect(Backoff.delayMs(failures: failures, chance: 0) == shortest)
    #expect(Backoff.delayMs(failures: failures, chance: 1000) == longest)
    #expect(Backoff.delayMs(failures: failures, chance: -5) == shortest)
    #expect(Backoff.delayMs(failures: failures, chance: 5000) == longest)
}
