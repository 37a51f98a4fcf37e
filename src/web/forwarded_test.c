#include "forwarded.h"

#include "../base/test.h"

static const char *asker(const char *peer, const char *proxy, const char *header)
{
    static char address[64];

    forwarded_address(peer, proxy, header, address, sizeof(address));
    return address;
}

TEST(without_a_proxy_the_header_is_nothing)
{
    CHECK_TEXT(asker("192.0.2.1", NULL, "10.0.0.1"), "192.0.2.1");
    CHECK_TEXT(asker("192.0.2.1", "192.0.2.2", "10.0.0.1"), "192.0.2.1");
    CHECK_TEXT(asker("::ffff:192.0.2.1", NULL, ""), "192.0.2.1");
    CHECK_TEXT(asker("", NULL, "10.0.0.1"), "");
}

TEST(of_a_proxys_list_the_last_one_counts)
{
    CHECK_TEXT(asker("127.0.0.1", "127.0.0.1", "10.0.0.1"), "10.0.0.1");
    CHECK_TEXT(asker("127.0.0.1", "127.0.0.1", "1.2.3.4, 10.0.0.1"), "10.0.0.1");
    CHECK_TEXT(asker("127.0.0.1", "127.0.0.1", "1.2.3.4,2001:DB8::0:1 "), "2001:db8::1");
    CHECK_TEXT(asker("::ffff:127.0.0.1", "127.0.0.1", "10.0.0.1"), "10.0.0.1");
}

TEST(what_is_no_address_is_not_believed)
{
    CHECK_TEXT(asker("127.0.0.1", "127.0.0.1", ""), "127.0.0.1");
    CHECK_TEXT(asker("127.0.0.1", "127.0.0.1", "unknown"), "127.0.0.1");
    CHECK_TEXT(asker("127.0.0.1", "127.0.0.1", "10.0.0.1, <script>"), "127.0.0.1");
    CHECK_TEXT(asker("127.0.0.1", "127.0.0.1", "10.0.0.1,"), "127.0.0.1");
    CHECK_TEXT(asker("127.0.0.1", "127.0.0.1",
                     "11111111111111111111111111111111111111111111111111111111111111111111"),
               "127.0.0.1");
}

TEST(a_server_answers_to_its_name)
{
    CHECK(host_is_of("eddy.example", "https://eddy.example"));
    CHECK(host_is_of("EDDY.example:443", "https://eddy.example/"));
    CHECK(host_is_of("eddy.example:80", "http://eddy.example"));
    CHECK(host_is_of("eddy.example:8443", "https://eddy.example:8443"));
    CHECK(host_is_of("eddy.example", "https://eddy.example:8443")); /* nginx's $host */
    CHECK(host_is_of("[::1]:8080", "http://[::1]:8080"));
    CHECK(!host_is_of("", "https://eddy.example"));
    CHECK(!host_is_of("eddy.example.org", "https://eddy.example"));
    CHECK(!host_is_of("eddy.exampl", "https://eddy.example"));
    CHECK(!host_is_of("evil.example", "https://eddy.example"));
    CHECK(!host_is_of("eddy.example:81", "https://eddy.example"));
    CHECK(!host_is_of("eddy.example:80", "https://eddy.example"));
    CHECK(!host_is_of("eddy.example:8444", "https://eddy.example:8443"));
    CHECK(!host_is_of("localhost", "https://eddy.example"));
    CHECK(!host_is_of("x", ""));
}
