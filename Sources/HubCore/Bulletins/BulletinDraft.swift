package import BinCore
package import Records

/// Why a file can't be published.
package struct BulletinDraftError: Error, Hashable, Sendable, CustomStringConvertible {
    package var problem: String
    package var description: String { self.problem }
}

/// What the operator wrote to be published: `{"effective":TIME,"body":{…}}`, as JSON.
package struct BulletinDraft: Hashable, Sendable {
    /// `nil`: at once.
    package var effective: WallTime?
    package var body: JSONValue

    package init(effective: WallTime?, body: JSONValue) {
        self.effective = effective
        self.body = body
    }

    package init(bytes: [UInt8]) throws(BulletinDraftError) {
        let object: JSONObject
        do { object = try JSONParser.object(bytes) } catch {
            throw BulletinDraftError(problem: "\(error)")
        }
        if let key = object.keys.first(where: { $0 != "effective" && $0 != "body" }) {
            throw BulletinDraftError(
                problem: "`\(key.prefix(40))` is unknown; it holds `body` and perhaps `effective`")
        }
        guard let body = object["body"], body.object != nil else {
            throw BulletinDraftError(problem: "`body` is missing or no object")
        }
        self.body = body
        guard let effective = object["effective"] else {
            self.effective = nil
            return
        }
        guard let time = effective.string.flatMap({ WallTime(rfc3339: $0) }) else {
            throw BulletinDraftError(
                problem: "`effective` must be a time in UTC, such as 2026-12-01T00:00:00Z")
        }
        self.effective = time
    }
}
