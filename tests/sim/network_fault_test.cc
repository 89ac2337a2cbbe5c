#include <gtest/gtest.h>

#include <set>

#include "sim/lone_node.h"

namespace trialog::sim {
namespace {

using Kind = IoError::Kind;

/// Two machines, "client" and "server", and what they do with each other.
class Network : public testing::Test {
 protected:
  Network() : datacenter_(7) {
    client().start(idle_program);
    server().start(idle_program);
    auto made = server().env().network.listen(Endpoint("server", 9092));
    EXPECT_TRUE(made);
    listener_ = std::move(*made);
  }
  ~Network() override { hang_up(); }

  Machine& client() { return datacenter_.machine("client"); }
  Machine& server() { return datacenter_.machine("server"); }
  World& world() { return datacenter_.world(); }
  Fabric& fabric() { return datacenter_.fabric(); }

  void hang_up() {
    at_client_.reset();
    at_server_.reset();
    listener_.reset();
  }
  /// Connects both ends; what went wrong, if anything.
  std::optional<Kind> connect(Duration patience = seconds(100)) {
    auto made = run_for_result(world(), client().env(), call(client().env()), patience);
    if (!made) return Kind::timed_out;
    if (!*made) return made->error().kind();
    at_client_ = std::move(**made);
    auto accepted = run_for_result(world(), server().env(), listener_->accept());
    EXPECT_TRUE(accepted && *accepted);
    if (accepted && *accepted) at_server_ = std::move(**accepted);
    return std::nullopt;
  }
  Status write(Connection& connection, std::string text, Duration patience = seconds(100)) {
    Chain chain(Bytes::copy_of(text));
    auto done =
        run_for_result(world(), client().env(), connection.write(std::move(chain)), patience);
    return done ? *done : Status(failure(Kind::timed_out, "write"));
  }
  /// The next bytes, or how it ended; "nothing" if nothing comes in time.
  std::string read(Connection& connection, Duration patience = seconds(100)) {
    std::vector<std::byte> into(1 << 20);
    auto count = run_for_result(world(), client().env(), connection.read(into), patience);
    if (!count) return "nothing";
    if (!*count) return (*count).error().kind() == Kind::closed ? "closed" : "broken";
    return std::string(as_text(std::span(into).first(**count)));
  }

  /// The next `size` bytes, however they were cut, or how it ended.
  std::string hear(Connection& connection, std::size_t size) {
    std::string heard;
    while (heard.size() < size) {
      const auto piece = read(connection);
      if (piece == "nothing" || piece == "closed" || piece == "broken") return piece;
      heard += piece;
    }
    return heard;
  }

  static Task<Result<std::unique_ptr<Connection>>> call(Env& env) {
    Endpoint place("server", 9092);
    co_return co_await env.network.connect(std::move(place));
  }

  Datacenter datacenter_;
  std::unique_ptr<Listener> listener_;
  std::unique_ptr<Connection> at_client_, at_server_;
};

TEST_F(Network, ACutLinkHoldsBytesUntilItIsHealed) {
  ASSERT_FALSE(connect());
  fabric().cut("client", "server");
  ASSERT_TRUE(write(*at_client_, "ping"));
  EXPECT_EQ(read(*at_server_), "nothing");
  ASSERT_TRUE(write(*at_server_, "pong"));
  EXPECT_EQ(hear(*at_client_, 4), "pong") << "the other way is open";
  fabric().heal_all();
  EXPECT_EQ(hear(*at_server_, 4), "ping");
}

TEST_F(Network, AnIsolatedMachineNeitherSendsNorHears) {
  ASSERT_FALSE(connect());
  fabric().isolate("server");
  ASSERT_TRUE(write(*at_client_, "ping"));
  ASSERT_TRUE(write(*at_server_, "pong"));
  EXPECT_EQ(read(*at_server_), "nothing");
  EXPECT_EQ(read(*at_client_), "nothing");
  fabric().heal("*", "server");
  EXPECT_EQ(hear(*at_server_, 4), "ping");
  EXPECT_EQ(read(*at_client_), "nothing");
  fabric().heal_all();
  EXPECT_EQ(hear(*at_client_, 4), "pong");
}

TEST_F(Network, AConnectHangsWhileTheWayIsCutAndGoesOnWhenHealed) {
  for (const bool there : {true, false}) {
    there ? fabric().cut("client", "server") : fabric().cut("server", "client");
    EXPECT_EQ(connect(), Kind::timed_out);
    world().after(seconds(5), nowhere, "test", [this] { fabric().heal_all(); });
    EXPECT_EQ(connect(), std::nullopt);
    hang_up();
    listener_ = std::move(*server().env().network.listen(Endpoint("server", 9092)));
  }
}

TEST_F(Network, ConnectsCanBeRefusedOrHang) {
  fabric().link("client", "server").refusals_per_million = 1'000'000;
  EXPECT_EQ(connect(), Kind::refused);
  fabric().link("client", "server").refusals_per_million = 0;
  fabric().link("client", "server").hangs_per_million = 1'000'000;
  EXPECT_EQ(connect(), Kind::timed_out);
}

TEST_F(Network, AResetIsHeardOnBothSides) {
  ASSERT_FALSE(connect());
  ASSERT_EQ(fabric().connections().size(), 1u);
  EXPECT_EQ(fabric().connections()[0].from, "client");
  EXPECT_EQ(fabric().connections()[0].port, 9092);
  fabric().reset(fabric().connections()[0].id);
  EXPECT_EQ(read(*at_client_), "broken");
  EXPECT_EQ(read(*at_server_), "broken");
  EXPECT_FALSE(write(*at_client_, "x"));
}

TEST_F(Network, OfAHalfOpenConnectionOneSideNeverLearns) {
  ASSERT_FALSE(connect());
  fabric().break_half(fabric().connections()[0].id, Side::listener);
  EXPECT_EQ(read(*at_server_), "broken");
  EXPECT_EQ(read(*at_client_), "nothing");
}

TEST_F(Network, ResetsCanBeDrawn) {
  ASSERT_FALSE(connect());
  fabric().link("client", "server").resets_per_million = 1'000'000;
  EXPECT_FALSE(write(*at_client_, "x"));
  EXPECT_EQ(read(*at_server_), "broken");
}

TEST_F(Network, ADelayedConnectionIsOvertakenByANewOne) {
  ASSERT_FALSE(connect());
  auto old_client = std::move(at_client_);
  auto old_server = std::move(at_server_);
  fabric().delay(fabric().connections()[0].id, Side::listener, seconds(30));
  ASSERT_FALSE(connect());
  ASSERT_TRUE(write(*old_client, "old"));
  ASSERT_TRUE(write(*at_client_, "new"));
  EXPECT_EQ(hear(*at_server_, 3), "new");
  EXPECT_EQ(read(*old_server, seconds(1)), "nothing");
  EXPECT_EQ(hear(*old_server, 3), "old");
}

TEST_F(Network, ARuleDelaysWhatItChooses) {
  ASSERT_FALSE(connect());
  const auto rule = fabric().add_rule([](const Delivery& delivery) -> Verdict {
    if (as_text(delivery.bytes).starts_with("s")) return Deliver{seconds(10)};
    return Pass{};
  });
  ASSERT_TRUE(write(*at_client_, "fast"));
  EXPECT_EQ(read(*at_server_, seconds(1)).front(), 'f');
  world().run_for(seconds(1));
  at_server_->finish();
  fabric().remove_rule(rule);
  fabric().add_rule([](const Delivery& delivery) -> Verdict {
    EXPECT_EQ(delivery.from, "client");
    EXPECT_EQ(delivery.to, "server");
    EXPECT_EQ(delivery.port, 9092);
    EXPECT_TRUE(delivery.to_listener);
    return Cut{};
  });
  EXPECT_FALSE(write(*at_client_, "x"));
}

TEST_F(Network, ASlowedRequestHoldsUpWhatFollowsOnItsConnection) {
  ASSERT_FALSE(connect());
  fabric().add_rule([](const Delivery& delivery) -> Verdict {
    if (delivery.position == 0) return Deliver{seconds(10)};
    return Pass{};
  });
  ASSERT_TRUE(write(*at_client_, "first"));
  ASSERT_TRUE(write(*at_client_, "second"));
  EXPECT_EQ(read(*at_server_, seconds(9)), "nothing");
  EXPECT_EQ(hear(*at_server_, 11), "firstsecond");
}

TEST_F(Network, ABandwidthLimitTakesItsTime) {
  ASSERT_FALSE(connect());
  fabric().link("client", "server").bytes_per_second = 1000;
  const auto before = world().now();
  const std::string text(5000, 'x');
  ASSERT_TRUE(write(*at_client_, text));
  std::size_t heard = 0;
  while (heard < text.size()) heard += read(*at_server_).size();
  EXPECT_GE(world().now() - before, seconds(5));
}

TEST_F(Network, LatencyIsPerLinkAndDirection) {
  ASSERT_FALSE(connect());
  fabric().link("client", "server").latency = seconds(3);
  auto before = world().now();
  ASSERT_TRUE(write(*at_client_, "x"));
  EXPECT_EQ(read(*at_server_), "x");
  EXPECT_GE(world().now() - before, seconds(3));
  before = world().now();
  ASSERT_TRUE(write(*at_server_, "y"));
  EXPECT_EQ(read(*at_client_), "y");
  EXPECT_LT(world().now() - before, seconds(1));
}

TEST_F(Network, AFlippedBitArrives) {
  ASSERT_FALSE(connect());
  fabric().link("client", "server").flips_per_million = 1'000'000;
  ASSERT_TRUE(write(*at_client_, "x"));
  const auto heard = read(*at_server_);
  ASSERT_EQ(heard.size(), 1u);
  EXPECT_EQ(std::popcount(static_cast<unsigned char>(heard[0] ^ 'x')), 1);
}

TEST_F(Network, BytesAreCutAtPlacesThatAreDrawn) {
  ASSERT_FALSE(connect());
  std::set<std::size_t> sizes;
  for (int i = 0; i < 50; ++i) {
    ASSERT_TRUE(write(*at_client_, "0123456789"));
    for (std::size_t heard = 0; heard < 10;) {
      const auto piece = read(*at_server_).size();
      sizes.insert(piece);
      heard += piece;
    }
  }
  EXPECT_GT(sizes.size(), 5u);
}

TEST_F(Network, APowerLossIsSilentUntilTheMachineIsBack) {
  ASSERT_FALSE(connect());
  at_server_
      .reset();  // Stands for the process, which the crash destroys; but the peer must not hear.
  EXPECT_EQ(read(*at_client_), "closed");
  hang_up();

  class Server : public Process {
   public:
    explicit Server(Env env) : group_(env.executor) { group_.spawn("serve", serve(env)); }

   private:
    static Task<void> serve(Env env) {
      Endpoint place("server", 9092);
      auto listener = env.network.listen(place);
      std::vector<std::unique_ptr<Connection>> connections;
      for (;;) {
        auto accepted = co_await (*listener)->accept();
        connections.push_back(std::move(*accepted));
      }
    }
    TaskGroup group_;
  };
  server().stop();
  server().start([](Env env) { return std::make_unique<Server>(env); });
  world().run_for(seconds(1));
  auto made = run_for_result(world(), client().env(), call(client().env()));
  ASSERT_TRUE(made && *made);
  at_client_ = std::move(**made);
  server().crash();
  EXPECT_EQ(read(*at_client_), "nothing");
  ASSERT_TRUE(write(*at_client_, "anybody?"));
  EXPECT_EQ(read(*at_client_), "nothing");
  server().restart();
  EXPECT_EQ(read(*at_client_), "broken") << "the host is back and knows nothing of it";

  made = run_for_result(world(), client().env(), call(client().env()));
  ASSERT_TRUE(made && *made);
  at_client_ = std::move(**made);
  server().stop();
  EXPECT_EQ(read(*at_client_), "closed") << "a process that ends has its host say so";
}

TEST_F(Network, APausedProcessHearsLater) {
  ASSERT_FALSE(connect());
  std::string heard;
  auto listen_in = [](Connection& connection, std::string& into) -> Task<void> {
    std::vector<std::byte> room(100);
    auto count = co_await connection.read(room);
    if (count) into = std::string(as_text(std::span(room).first(*count)));
  };
  TaskGroup group(server().env().executor);
  group.spawn("read", listen_in(*at_server_, heard));
  server().pause();
  ASSERT_TRUE(write(*at_client_, "x"));
  world().run_for(seconds(5));
  EXPECT_EQ(heard, "");
  server().resume();
  world().run_for(seconds(1));
  EXPECT_EQ(heard, "x");
}

}  // namespace
}  // namespace trialog::sim
