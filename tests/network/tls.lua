-- TLS both ways, and certificates that are right, foreign, out of date or of somebody else.

return task {
    seeds = 1,
    part {
        name = "tls", nodes = 1, network = { latency = "1ms" },
        run = function(w)
            local c = w:client()
            local authority, foreign = w:authority("the authority"), w:authority("another")
            local function listen(identity, ca)
                local at = w:address("n0")
                c:ask("n0", { type = "listen", host = at.host, port = at.port, cert = identity.cert, key = identity.key, ca = ca })
                return at
            end
            local function shake(at, options)
                return w:tls(w:connect(at), options)
            end
            local at
            w:step("bytes come back through TLS 1.3", function()
                at = listen(authority:certificate { names = { "n0.eddy.test" }, usage = "server" })
                local s, why = shake(at, { ca = authority.cert, name = "n0.eddy.test", alpn = { "echo" } })
                w:expect("the handshake", why, nil)
                w:expect("version", s.version, "TLSv1.3")
                w:expect("protocol", s.alpn, "echo")
                s:send("secret words")
                w:expect("bytes", s:receive(12), "secret words")
                w:expect_at_least("bytes below", s.below.received, 500)
                s:send(("0123456789"):rep(100000))
                s:finish()
                local all, how = s:receive_all("10s")
                w:expect("many bytes", #all, 1000000)
                w:expect("a goodbye", how, "end")
            end)
            w:step("TLS 1.2 as well", function()
                w:expect("version", shake(at, { ca = authority.cert, name = "n0.eddy.test", max = "1.2" }).version, "TLSv1.2")
            end)
            w:step("a server with wrong papers is refused", function()
                local s, why = shake(at, { ca = foreign.cert, name = "n0.eddy.test" })
                w:expect("of a foreign authority", s == nil and why, "unable to get local issuer certificate")
                s, why = shake(at, { ca = authority.cert, name = "n1.eddy.test" })
                w:expect("of another name", s == nil and why, "hostname mismatch")
                local old = listen(authority:certificate { names = { "n0.eddy.test" }, from = -1000, to = -10 })
                s, why = shake(old, { ca = authority.cert, name = "n0.eddy.test" })
                w:expect("out of date", s == nil and why, "certificate has expired")
            end)
            w:step("a client must show papers where the server wants them", function()
                local strict = listen(authority:certificate { names = { "n0.eddy.test" } }, authority.cert)
                local function try(identity)
                    local s = shake(strict, { ca = authority.cert, name = "n0.eddy.test", identity = identity })
                    if s == nil then return "refused" end
                    s:send("hello")
                    return s:receive(5, "1s") or "refused"
                end
                w:expect("right ones", try(authority:certificate { names = { "client" }, usage = "client" }), "hello")
                w:expect("none", try(nil), "refused")
                w:expect("foreign ones", try(foreign:certificate { names = { "client" } }), "refused")
            end)
            w:step("the node looks at our papers, too", function()
                local here = w:address("n0")
                local identity
                w:listen(here, function(socket)
                    local s = w:tls(socket, { server = true, identity = identity })
                    if s then s:send("you said " .. s:receive_all()) s:finish() end
                end)
                local function call(names)
                    identity = authority:certificate { names = names }
                    return c:call("n0", { type = "call", host = here.host, port = here.port, ca = authority.cert,
                        name = "server.eddy.test", text = "ping" })
                end
                w:expect("right ones", call({ "server.eddy.test" }).answer, "you said ping")
                w:expect("of another name", call({ "other.eddy.test" }).type, "error")
            end)
        end,
    },
}
