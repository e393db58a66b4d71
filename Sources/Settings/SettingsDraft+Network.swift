import BinCore

/// Uplink, pull and kiosk.
extension SettingsDraft {
    func uplink(in root: Table) -> UplinkSettings? {
        guard
            let table = root.table(
                "uplink", isOptional: true, keys: ["url", "ca", "token-file", "every-seconds"])
        else { return nil }
        let url = self.hubURL(in: table)
        let ca = self.path("ca", in: table, isOptional: true)
        let tokenFile = self.path("token-file", in: table, isOptional: true)
        let every = table.integer("every-seconds", 1...86_400, default: 60)
        switch url?.scheme {
        case .http:
            if !table.has("token-file") {
                self.log.add(
                    "`uplink` over http:// lacks `token-file`, the file with the device's token",
                    at: table.place)
            }
            if table.has("ca") {
                self.log.add(
                    "`uplink.ca` is for https:// only; remove it", at: table.place(of: "ca"))
            }
        case .https:
            if table.has("token-file") {
                self.log.add(
                    "`uplink.token-file` is for http:// on loopback only; remove it",
                    at: table.place(of: "token-file"))
            }
        case nil:
            break
        }
        guard let url, let every else { return nil }
        return UplinkSettings(url: url.text, ca: ca, tokenFile: tokenFile, everySeconds: every)
    }

    private func hubURL(in table: Table) -> HubURL? {
        guard let text = table.text("url") else { return nil }
        guard let url = HubURL(text) else {
            self.log.add(
                "`uplink.url` must be https://HOST[:PORT], without a query, not "
                    + Spelling.quoted(text), at: table.place(of: "url"))
            return nil
        }
        guard url.scheme == .https || NetworkHost.isLoopback(url.host) else {
            self.log.add(
                "`uplink.url` may be http:// on 127.0.0.1, localhost or [::1] only; use https://",
                at: table.place(of: "url"))
            return nil
        }
        return url
    }

    /// The address under `listen`. One on all interfaces takes the port on loopback, too.
    private func listenAddress(in table: Table) -> ListenAddress? {
        guard let address = table.listenAddress("listen") else { return nil }
        let isEverywhere = ["0.0.0.0", "::"].contains(address.host)
        // Port 0 is a free one of the system's choice.
        for host in isEverywhere ? ["127.0.0.1", "localhost", "::1"] : [address.host]
        where address.port > 0 {
            self.claims.take(
                .socket(host: host, port: address.port), for: table.title,
                at: table.place(of: "listen"))
        }
        return address
    }

    func pull(in root: Table) -> PullSettings? {
        guard let table = root.table("pull", isOptional: true, keys: ["listen", "allow"]) else {
            return nil
        }
        let listen = self.listenAddress(in: table)
        var allow: [String] = []
        let items = table.list("allow", of: "the names in client certificates")
        for item in items ?? [] {
            guard let name = table.text(item, key: "allow") else { continue }
            if allow.contains(name) {
                self.log.add(
                    "\(Spelling.quoted(name)) is in the list twice", at: item.place)
            }
            allow.append(name)
        }
        if let items, items.isEmpty {
            self.log.add(
                "`pull.allow` is empty, so that nobody could fetch; name the hub's certificate",
                at: table.place(of: "allow"))
        }
        guard let listen else { return nil }
        return PullSettings(listen: listen, allow: allow)
    }

    func kiosk(in root: Table) -> KioskSettings? {
        guard let table = root.table("kiosk", isOptional: true, keys: ["listen", "languages"])
        else { return nil }
        let listen = self.listenAddress(in: table)
        if let listen, !NetworkHost.isLoopback(listen.host) {
            self.log.add(
                "`kiosk.listen` must be on loopback, for instance 127.0.0.1:8080: the page asks "
                    + "nobody who they are", at: table.place(of: "listen"))
        }
        var languages: [KioskSettings.Language] = []
        let items = table.list("languages", isOptional: true, of: "languages")
        for item in items ?? [] {
            let allowed = KioskSettings.Language.allCases
            guard let language = table.choice(item, key: "languages", among: allowed) else {
                continue
            }
            if languages.contains(language) {
                self.log.add("\(language.rawValue) is in the list twice", at: item.place)
            }
            languages.append(language)
        }
        if let items, items.isEmpty {
            self.log.add(
                "`kiosk.languages` is empty; name zh or en", at: table.place(of: "languages"))
        }
        guard let listen else { return nil }
        return KioskSettings(listen: listen, languages: items == nil ? [.zh, .en] : languages)
    }
}
