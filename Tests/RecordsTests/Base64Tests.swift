import Records
import Testing

struct Base64Tests {
    /// RFC 4648 §10.
    @Test(
        "the RFC's vectors both ways",
        arguments: [
            ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"),
        ])
    func vectors(plain: String, coded: String) {
        #expect(Base64.encode(Array(plain.utf8)) == coded)
        #expect(Base64.decode(coded) == Array(plain.utf8))
    }

    @Test func allSextets() {
        let bytes = (0...255).map { UInt8($0) } + [0xFB, 0xEF, 0xFF]
        #expect(Base64.decode(Base64.encode(bytes)) == bytes)
        #expect(Base64.encode([0xFB, 0xEF, 0xFF]) == "++//")
    }

    @Test(
        "other spellings are refused",
        arguments: [
            "Z", "Zg", "Zg=", "Zg===", "Zh==", "Zm9=", "Zm8", "=", "==", "====", "Z===", "=Zg=",
            "Zg==Zg==", "Zm9v\n", " Zm9v", "Zm 9", "Zm9-", "Zm9_", "Zm9,", "Zm9\u{0}", "Zmé",
            "Z\u{FF4D}9", "Zg=A", "Zg==\n\n\n\n",
        ])
    func refuses(text: String) {
        #expect(Base64.decode(text) == nil)
    }

    @Test func digestsKeysAndSignaturesHaveOneLength() {
        for length in [0, 31, 33, 64] {
            let text = Base64.encode([UInt8](repeating: 7, count: length))
            #expect(Digest256(base64: text) == nil)
            #expect(VerifyingKey(base64: text) == nil)
            #expect((Signature(base64: text) != nil) == (length == 64))
        }
        #expect(SigningKey(seed: [UInt8](repeating: 7, count: 31)) == nil)
    }

    /// FIPS 180-2, appendix B.1.
    @Test func sha256OfTheStandardsExample() {
        let hex = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        #expect(Digest256(of: Array("abc".utf8)).hex == hex)
    }

    @Test func aFreshKeySignsAndAnotherDoesNotVerify() throws {
        let (key, other) = (SigningKey(), SigningKey())
        let signature = try key.sign([1, 2, 3])
        #expect(key.publicKey.verifies(signature, of: [1, 2, 3]))
        #expect(!key.publicKey.verifies(signature, of: [1, 2, 4]))
        #expect(!other.publicKey.verifies(signature, of: [1, 2, 3]))
        #expect(SigningKey(seed: key.seed)?.publicKey == key.publicKey)
    }
}
