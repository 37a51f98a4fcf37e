/* Clients, calls, peers, nodes: what members of a task do, and what authors get wrong with them. */
#include "task_story.h"

#define RIGHT(body) CHECK_TEXT(stage_try(body), "")
#define WRONG(body, words) CHECK_HAS(stage_try(body), words)

/* ---- calls ---- */

TEST(a_call_gives_the_answer_and_its_time)
{
    RIGHT("local c = w:client() local r, at = c:call('n0', { type = 'later', ms = 30 })\n"
          "w:expect('type', r.type, 'later_ok') w:expect('at', at, 0.03)");
    RIGHT("local r, at = w:client():call('n0', { type = 'silence' }, '1s')\n"
          "w:expect('r', r, nil) w:expect('at', at, nil) w:expect_near('now', w:now(), 1, 1e-6)");
    RIGHT("local r = w:client():call('n0', { type = 'silence' }) w:expect_near('now', w:now(), 5, "
          "1e-6)");
    /* The author's table stays as it was. */
    RIGHT("local c, body = w:client(), { type = 'echo', echo = 1 } c:call('n0', body)\n"
          "c:call('n0', body) w:expect('body', body, { type = 'echo', echo = 1 })");
}

TEST(ask_wants_the_right_type_in_time)
{
    RIGHT("w:expect('x', w:client():ask('n0', { type = 'echo', echo = 5 }, '1ms').echo, 5)");
    WRONG("w:client():ask('n0', { type = 'silence' }, '2s')",
          "it: n0 answers silence: expected silence_ok within 2 s, saw no answer");
    WRONG("w:client():ask('n1', { type = 'odd' })",
          "it: n1 answers odd: expected odd_ok within 5 s, saw "
          "{\"in_reply_to\":1,\"type\":\"strange\"}");
    WRONG("w:client():ask('n1', { type = 'wrong', code = 11 })",
          "expected wrong_ok within 5 s, saw error 11: \"on purpose\"");
    WRONG("w:client():ask('n0', { type = 'later', ms = 11 }, '10ms')", "saw no answer");
    RIGHT("w:client():ask('n0', { type = 'later', ms = 10 }, '10ms')");
}

TEST(refused_wants_the_code)
{
    RIGHT("w:client():refused('n0', { type = 'wrong', code = 12 }, 12)");
    RIGHT("w:client():refused('n0', { type = 'wrong', code = 0 }, 0)");
    WRONG("w:client():refused('n0', { type = 'wrong', code = 12 }, 10)",
          "it: n0 refuses \"wrong\": expected an error with code 10, saw error 12: \"on purpose\"");
    WRONG("w:client():refused('n0', { type = 'echo' }, 10)",
          "saw {\"in_reply_to\":1,\"type\":\"echo_ok\"}");
    WRONG("w:client():refused('n0', { type = 'silence' }, 10, '1s')", "saw no answer");
    WRONG("w:client():refused('n0', { type = 'echo' }, 'ten')", "the code is a whole number");
}

TEST(calls_in_flight_are_seen_from_outside)
{
    RIGHT("local c = w:client() local a = c:begin('n0', { type = 'twice' })\n"
          "local b = c:begin('n0', { type = 'later', ms = 20 })\n"
          "w:expect('a', a.reply, nil) w:sleep('1ms') w:expect('a', a.reply.type, 'twice_ok')\n"
          "w:expect('both', #a.replies, 2) w:expect('b', b.reply, nil) w:expect('sent', b.sent_at, "
          "0)\n"
          "b:wait('1s') w:expect('b', b.answered_at, 0.02) w:expect('from', b.from, 'n0')\n"
          "w:expect('again', b:wait('1s').type, 'later_ok')");
    /* A late answer still belongs to its call. */
    RIGHT("local c = w:client() local a = c:begin('n0', { type = 'later', ms = 20 })\n"
          "w:expect('none', a:wait('10ms'), nil) w:sleep('20ms') w:expect('late', #a.replies, 1)");
    WRONG("local c = w:client() local a = c:begin('n0', { type = 'silence' })\n"
          "w:spawn(function() a:wait() end) w:sleep('1ms') a:wait()",
          "another strand waits for this call already");
}

TEST(ids_set_by_hand_and_equal_ids)
{
    RIGHT("local a, b = w:client(), w:client()\n"
          "local x = a:begin('n0', { type = 'echo', echo = 'a', msg_id = 7 })\n"
          "local y = b:begin('n0', { type = 'echo', echo = 'b', msg_id = 7 })\n"
          "w:sleep('1ms') w:expect('x', x.reply.echo, 'a') w:expect('y', y.reply.echo, 'b')");
    /* The same id twice from one client: the first answer is the first call's. */
    RIGHT("local c = w:client() local x = c:begin('n0', { type = 'later', ms = 5, msg_id = 7 })\n"
          "local y = c:begin('n0', { type = 'later', ms = 9, msg_id = 7 }) w:sleep('7ms')\n"
          "w:expect('x', x.reply ~= nil, true) w:expect('y', y.reply, nil) w:sleep('7ms')\n"
          "w:expect('y', y.reply ~= nil, true) w:expect('one each', #x.replies + #y.replies, 2)");
}

TEST(messages_that_answer_nothing)
{
    RIGHT(
        "local c = w:client() c:send('n0', { type = 'pass', to = c.name, body = { type = 'done', "
        "tag = 4 } })\n"
        "local m = c:receive('1s') w:expect('tag', m.body.tag, 4) w:expect('from', m.from, 'n0')\n"
        "w:expect('none', c:receive('1s'), nil) w:expect_near('now', w:now(), 1, 1e-6)");
    RIGHT("local c = w:client() for i = 1, 3 do\n"
          "c:send('n0', { type = 'pass', to = c.name, body = { type = 't' .. i } }) end\n"
          "w:expect('t2', c:receive('1s', 't2').type, 't2')\n"
          "w:expect('t3', c:receive('1s', function(m) return m.type ~= 't1' end).type, 't3')\n"
          "w:expect('t1', c:receive('1s').type, 't1')");
    /* It waits for one that is still to come. */
    RIGHT("local c = w:client() w:spawn(function() w:sleep('5ms')\n"
          "c:send('n0', { type = 'pass', to = c.name, body = { type = 'x' } }) end)\n"
          "local m = c:receive('1s', 'x') w:expect('at', m.received_at, 0.005)");
    RIGHT("local c = w:client() c:call('n0', { type = 'twice' }) w:sleep('1ms')\n"
          "w:expect('all', #c:messages(), 2) w:expect('type', c:messages()[1].type, 'twice_ok')");
    RIGHT("local c = w:client() local id = c:send('n0', { type = 'echo' })\n"
          "w:expect('no id', w:sent { type = 'echo' }[1].body.msg_id, nil)\n"
          "w:expect('id', w:sent { type = 'echo' }[1].id, id)");
}

/* 67 ms as seconds and back is a bit more than 67 ms. */
TEST(bounds_of_time_include_the_very_instant)
{
    RIGHT("local c = w:client() w:sleep('67ms')\n"
          "local now = w:now() c:send('n0', { type = 'echo' })\n"
          "w:expect('since', w:count { type = 'echo', since = now }, 1)\n"
          "w:expect('until', w:count { type = 'echo', ['until'] = now }, 1)");
}

TEST(lines_for_raw_writing)
{
    RIGHT("local c = w:client() local line, call = c:line('n0', { type = 'echo', echo = 3 })\n"
          "w:write('n0', line:sub(1, 9)) w:sleep('10ms') w:expect('not yet', call.reply, nil)\n"
          "w:write('n0', line:sub(10)) w:expect('x', call:wait('1ms').echo, 3)");
    RIGHT("local c = w:client() local text, calls = '', {} for i = 1, 20 do\n"
          "local line, call = c:line('n1', { type = 'echo', echo = i }) text = text .. line "
          "calls[i] = call end\n"
          "w:write('n1', text) for i = 1, 20 do w:expect('x', calls[i]:wait('1ms').echo, i) end");
    WRONG("w:write('n2', 'x')", "course/task.lua:2: w:write: n2 is a peer, played by the scenario");
    WRONG("w:write('n0', {})", "w:write: the second argument must be a string");
    WRONG("w:write('n9', 'x')", "w:write: there is no node \"n9\"");
}

TEST(wrong_uses_of_clients)
{
    WRONG("w:client():call('n9', { type = 'x' })",
          "course/task.lua:2: no node, service or client is called \"n9\"");
    WRONG("w:client():call(0, { type = 'x' })", "the receiver is a name such as \"n0\", not 0");
    WRONG("w:client():call('n0', 'x')",
          "the body of a message is a table of its fields, not \"x\"");
    WRONG("w:client():call('n0', array { 1 })",
          "the body of a message is a table of its fields, not [1]");
    WRONG("w:client():call('n0', { type = 'x', f = pairs })",
          "a function cannot be written as JSON");
    WRONG("w:client():call('n0', { type = 'x' }, 'soon')", "a time is a number of seconds");
}

/* ---- peers ---- */

TEST(peers_answer_as_they_are_played)
{
    RIGHT("w:play('n2', function(m, peer) return { type = 'pong', n = m.body.n } end)\n"
          "local r, at = w:client():call('n2', { type = 'ping', n = 4 })\n"
          "w:expect('r', r.n, 4) w:expect('at', at, 0)");
    RIGHT("w:play('n2', function(m, peer) peer:reply(m, { type = 'ping_ok' }, '30ms') end)\n"
          "local r, at = w:client():ask('n2', { type = 'ping' }) w:expect('at', at, 0.03)");
    RIGHT("w:play('n2', function(m, peer) if m.from ~= 'n0' then return end peer.state.seen = "
          "m.body.x end)\n"
          "w:client():send('n0', { type = 'pass', to = 'n2', body = { type = 'x', x = 5 } })\n"
          "w:sleep('1s') w:expect('seen', w:peer('n2').state.seen, 5)");
    /* Strands of their own: two that wait do not hold each other up. */
    RIGHT("w:play('n2', function(m) w:sleep('1s') return { type = 'slow_ok' } end) local c = "
          "w:client()\n"
          "local a, b = c:begin('n2', { type = 'slow' }), c:begin('n2', { type = 'slow' })\n"
          "a:wait() b:wait() w:expect_near('now', w:now(), 1, 1e-6)");
    /* From a third address. */
    RIGHT("w:play('n2', function(m) w:peer('n3'):send(m.from, { type = 'a_ok', in_reply_to = "
          "m.body.msg_id }) end)\n"
          "local call = w:client():begin('n2', { type = 'a' }) call:wait() w:expect('from', "
          "call.from, 'n3')");
}

TEST(peers_ask_by_themselves_over_links)
{
    RIGHT("local r, at = w:peer('n2'):call('n0', { type = 'echo', echo = 1 }) w:expect('at', at, "
          "0.02)");
    RIGHT("w:partition { { 'n0' }, { 'n2' } }\n"
          "w:expect('cut off', w:peer('n2'):call('n0', { type = 'echo' }, '1s'), nil) w:heal()\n"
          "w:peer('n2'):ask('n0', { type = 'echo' }, '1s')");
    RIGHT("w:expect('silent', w:client():call('n3', { type = 'x' }, '1s'), nil)");
}

TEST(wrong_uses_of_peers)
{
    WRONG("w:play('n0', function() end)", "course/task.lua:2: \"n0\" is no peer of this task");
    WRONG("w:play('n2')", "w:play: the second argument must be a function, not nothing");
    WRONG("w:play('n2', function() return 7 end) w:client():call('n2', { type = 'x' })",
          "what plays n2 gave 7");
    WRONG("w:play('n2', function(m)\nreturn m.x.y end) w:client():call('n2', { type = 'x' })",
          "course/task.lua:3: attempt to index");
}

/* ---- nodes ---- */

TEST(lists_of_members)
{
    RIGHT("w:expect('nodes', w.nodes, { 'n0', 'n1' }) w:expect('peers', w.peers, { 'n2', 'n3' })\n"
          "w:expect('all', w.members, { 'n0', 'n1', 'n2', 'n3' })\n"
          "w:expect('others', w:others('n0', 'n2'), { 'n1', 'n3' })\n"
          "w:expect('others', w:others(w.nodes), { 'n2', 'n3' })");
    WRONG("w:others('n7')", "course/task.lua:2: w:others: there is no member \"n7\"");
}

TEST(nodes_start_stop_and_start_again)
{
    struct stage s = {.seed = 1};

    stage_play(
        &s,
        "start = false, run = function(w)\n"
        "w:start('n1', { members = { 'n1', 'n0' } }) w:kill('n1')\n"
        "w:restart('n1', { data = 'empty' }) w:restart('n1', { data = 'of:n0', init = false })\n"
        "w:pause('n1') w:resume('n1') w:clock('n1', { offset = '2s' })\n"
        "w:expect('inits', w:count { type = 'init' }, 2)\n"
        "w:expect('members', w:sent { type = 'init' }[1].body.node_ids, { 'n1', 'n0' })\n"
        "w:expect('all', w:sent { type = 'init' }[2].body.node_ids, w.members) end");
    CHECK_TEXT(stage_said(&s), "");
    CHECK_HAS(s.told.data, "start n1\nkill n1\nkill n1\ndata 1 empty 1\nstart n1\nkill n1\n"
                           "data 1 of 0\nstart n1\npause n1\nresume n1\nclock n1 2000000000 0\n");
    stage_close(&s);
}

TEST(a_node_gets_another_name)
{
    RIGHT("w:kill('n0') w:expect('gives', w:start('n0', { id = 'eu-west-3' }), 'eu-west-3')\n"
          "w:expect('nodes', w.nodes, { 'eu-west-3', 'n1' })\n"
          "w:expect('members', w.members[1], 'eu-west-3')\n"
          "local c = w:client() c:ask('eu-west-3', { type = 'echo' })\n"
          "w:expect('from', w:sent { type = 'echo_ok' }[1].from, 'eu-west-3')\n"
          "w:restart('eu-west-3', { id = 'n0' }) c:ask('n0', { type = 'echo' })");
    WRONG("w:restart('n0', { id = 'n1' })",
          "course/task.lua:2: w:start: the id \"n1\" cannot be had");
    WRONG("w:restart('n0', { id = 'x' }) w:client():call('n0', { type = 'echo' })",
          "no node, service or client is called \"n0\"");
}

TEST(ends_of_processes)
{
    RIGHT("w:expect('runs', w:exit_status('n0'), nil) w:allow_exit('n0')\n"
          "w:client():send('n0', { type = 'crash' }) w:sleep('1ms')\n"
          "w:expect('status', w:exit_status('n0').code, 7) w:expect('at', w:exit_status('n0').at, "
          "0)");
    RIGHT("w:close_stdin('n1') local s = w:await('it ends', '1s', function() return "
          "w:exit_status('n1') end)\n"
          "w:expect('code', s.code, 0)");
    RIGHT("w:expect_near('cpu', w:usage('n1').cpu_s, 1.5, 0.1) w:expect('mem', "
          "w:usage('n1').memory_bytes, 4096)");
}

TEST(wrong_uses_of_nodes)
{
    WRONG("w:start('n0')", "course/task.lua:2: w:start: n0 is running");
    WRONG("w:restart('n0', { date = 'same' })", "w:start: there is no option date");
    WRONG("w:restart('n0', { data = 'fresh' })", "data is \"same\", \"empty\" or \"of:NODE\"");
    WRONG("w:restart('n0', { data = 'of:n2' })", "w:start: data: n2 is a peer");
    WRONG("w:kill('n2')", "w:kill: n2 is a peer, played by the scenario: it has no process");
    WRONG("w:kill('n8')", "w:kill: there is no node \"n8\"");
    WRONG("w:kill()", "w:kill: there is no node nothing");
    WRONG("w:exit_status('n3')", "w:exit_status: n3 is a peer");
    WRONG("w:clock('n0', { offset = 'soon' })", "course/task.lua:2:");
}
