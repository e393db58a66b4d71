import BinCore
import BinDisplay
import HTTPDoor
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import Records
import Testing

@Suite struct DisplayRoutesTests {
    private func application(
        _ board: DisplayBoard, languages: [KioskSettings.Language] = [.zh, .en]
    ) -> some ApplicationProtocol {
        let router = Router(context: BasicRequestContext.self)
        addDisplayRoutes(to: router, board: board)
        addResidentPage(to: router, languages: languages)
        return Application(router: router)
    }

    @Test("The display is served as JSON that nobody may store")
    func display() async throws {
        let board = DisplayBoard(try Samples.view(.greeting, order: Samples.order()))
        try await self.application(board).test(.router) { client in
            try await client.execute(uri: "/v1/display", method: .get) { response in
                #expect(response.status == .ok)
                #expect(String(buffer: response.body) == board.current.json.text + "\n")
                #expect(response.headers[.contentType] == "application/json; charset=utf-8")
                #expect(response.headers[.cacheControl] == "no-store")
            }
        }
    }

    @Test("One screen too many is told so")
    func busy() async throws {
        let board = DisplayBoard()
        var taken: [DisplaySubscription] = []
        for _ in 0..<DisplayBoard.mostSubscribers { taken.append(try board.subscribe()) }
        try await self.application(board).test(.router) { client in
            try await client.execute(uri: "/v1/display/events", method: .get) { response in
                #expect(response.status == .serviceUnavailable)
                let reply = try JSONParser.object(Array(response.body.readableBytesView))
                #expect(reply["error"] == "busy")
            }
        }
        #expect(taken.count == DisplayBoard.mostSubscribers)
    }

    @Test(
        "The page and its files come with their types and a policy that lets nothing else in",
        arguments: [
            ("/", "text/html; charset=utf-8"), ("/page.css", "text/css; charset=utf-8"),
            ("/page.js", "text/javascript; charset=utf-8"),
        ])
    func page(path: String, type: String) async throws {
        try await self.application(DisplayBoard()).test(.router) { client in
            try await client.execute(uri: path, method: .get) { response in
                #expect(response.status == .ok)
                #expect(response.headers[.contentType] == type)
                #expect(response.headers[.cacheControl] == "no-cache")
                #expect(response.headers[.xContentTypeOptions] == "nosniff")
                let policy = response.headers[.contentSecurityPolicy] ?? ""
                #expect(policy.hasPrefix("default-src 'none'; "))
                #expect(!policy.contains("unsafe") && !policy.contains("*"))
                let text = String(buffer: response.body)
                for foreign in [
                    "http:", "https:", "//www", "url(", "@import", "style=\"", "onload",
                ] {
                    #expect(!text.contains(foreign), "\(path) contains \(foreign)")
                }
            }
        }
    }

    @Test(
        "The page carries the configured languages, the first one first",
        arguments: [
            ([KioskSettings.Language.zh, .en], "zh en"), ([.en, .zh], "en zh"), ([.en], "en"),
            ([], "zh en"),
        ])
    func languages(chosen: [KioskSettings.Language], expected: String) async throws {
        let application = self.application(DisplayBoard(), languages: chosen)
        try await application.test(.router) { client in
            try await client.execute(uri: "/", method: .get) { response in
                let text = String(buffer: response.body)
                #expect(text.contains("data-languages=\"\(expected)\""))
            }
        }
    }

    @Test("The page has a place for every state of the display")
    func states() async throws {
        let states = [
            "idle", "greeting", "weighing", "deposit", "thanks", "refused", "collecting", "fault",
        ]
        try await self.application(DisplayBoard()).test(.router) { client in
            try await client.execute(uri: "/", method: .get) { response in
                let text = String(buffer: response.body)
                for state in states { #expect(text.contains("data-for=\"\(state)\"")) }
            }
        }
    }
}
