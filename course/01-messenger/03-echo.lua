-- Task 3: whose answer is this? Twenty clients and two other members ask, all with the same numbers.

local common = require "common"

local REQUESTS = 100 -- of each client

return task {
    nodes = 5,
    peers = 2,
    latency = { mean = "10ms", dist = "uniform" },
    run = function(w)
        local book, asked = common.book(), 0

        -- Some requests at once, a pause, and again; each to a random node.
        local function ask(member, count)
            local left = count
            while left > 0 do
                for _ = 1, math.min(left, w:random(1, 10)) do
                    local body = { type = "echo", echo = common.random_value(w, 2) }
                    common.note(book, member:begin(w:pick(w.nodes), body))
                    asked, left = asked + 1, left - 1
                end
                w:sleep(w:random(0, 3) / 1000)
            end
        end

        w:step("one client, one request", function()
            common.echo(w, book, w:client(), "n0")
            asked = asked + 1
        end)

        w:step("20 clients and two members ask with the same numbers", function()
            local askers = { w:peer("n5"), w:peer("n6") }
            for _ = 1, 20 do askers[#askers + 1] = w:client() end
            w:all(askers, function(asker) ask(asker, REQUESTS) end)
            w:sleep("1s")
            for _, call in ipairs(book.calls) do
                if call.reply == nil then
                    w:fail { what = call.dest .. " answers the echo of " .. call.member.name,
                        expected = "a reply", seen = "none after a second", about = call }
                end
            end
        end)

        w:step("each request has exactly one reply, to its own sender", function()
            for _, call in ipairs(book.calls) do
                w:expect("replies to request " .. call.msg_id .. " of " .. call.member.name, #call.replies,
                    1, call)
                w:expect("the node that answers " .. call.member.name, call.from, call.dest, call)
                common.is_ok(w, call, call.reply)
            end
        end)

        w:step("each reply brings back the value of its own request", function()
            for _, call in ipairs(book.calls) do
                w:expect("the echo for request " .. call.msg_id .. " of " .. call.member.name,
                    call.reply.echo, call.body.echo, call)
            end
        end)

        w:step("clients are answered at once", function()
            for _, call in ipairs(book.calls) do
                if call.member.name:find("^c") then
                    w:expect_between("milliseconds until the reply",
                        common.ms(call.sent_at, call.answered_at), 0, 5, call)
                end
            end
        end)

        w:step("nothing is sent that nobody asked for", function()
            local sent = 0
            for _, node in ipairs(w.nodes) do sent = sent + w:count { from = node } end
            w:expect("messages of all nodes: one for each request, and one init_ok each", sent,
                asked + #w.nodes)
        end)
    end,
}
