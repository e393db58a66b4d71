package import BinCore
import HTTPDoor
import HTTPTypes
package import Hummingbird

/// Adds the resident's page, `GET /`, with its style and script.
///
/// - Parameter languages: What is shown, the first one largest; both if empty.
package func addResidentPage(
    to router: Router<some RequestContext>, languages: [KioskSettings.Language]
) {
    for file in ResidentPage.files(languages: languages) {
        router.get(RouterPath(file.path)) { _, _ in file.response }
    }
}

/// The page and what it loads. Nothing comes from elsewhere, and the policy forbids it.
struct ResidentPage: Sendable {
    let path: String
    let type: String
    let bytes: [UInt8]

    static func files(languages: [KioskSettings.Language]) -> [ResidentPage] {
        [
            ResidentPage(
                path: "/", type: "text/html; charset=utf-8", bytes: self.html(in: languages)),
            ResidentPage(
                path: "/page.css", type: "text/css; charset=utf-8",
                bytes: PackageResources.page_css),
            ResidentPage(
                path: "/page.js", type: "text/javascript; charset=utf-8",
                bytes: PackageResources.page_js),
        ]
    }

    /// The languages as they stand in the file, where a browser that opens it directly finds them.
    private static let bothLanguages = #"data-languages="zh en""#

    private static func html(in languages: [KioskSettings.Language]) -> [UInt8] {
        let chosen = languages.isEmpty ? KioskSettings.Language.allCases : languages
        let list = chosen.map(\.rawValue).joined(separator: " ")
        let text = String(decoding: PackageResources.index_html, as: UTF8.self)
            .replacing(Self.bothLanguages, with: #"data-languages="\#(list)""#)
        return Array(text.utf8)
    }

    /// Only this page's own files and events, no inline script or style, no frame around it.
    private static let policy = """
        default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; \
        img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'
        """

    var response: Response {
        var response = Response.bytes(self.bytes, type: self.type)
        // A browser that runs for months must not keep the page of an older daemon.
        response.headers[.cacheControl] = "no-cache"
        response.headers[.contentSecurityPolicy] = Self.policy
        response.headers[.xContentTypeOptions] = "nosniff"
        if let referrer = HTTPField.Name("referrer-policy") {
            response.headers[referrer] = "no-referrer"
        }
        return response
    }
}
