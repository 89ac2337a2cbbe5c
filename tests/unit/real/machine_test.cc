#include "real/machine.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>

#include "real/console_log.h"

namespace trialog::real {
namespace {

namespace fs = std::filesystem;

class Remember : public Trace {
 public:
  void note(Level, std::string_view kind, std::string_view) override { kinds.emplace_back(kind); }
  bool hears(Level) const override { return true; }
  std::vector<std::string> kinds;
};

/// What is particular to the real backend; what every backend promises is in tests/unit/env.
class MachineStory : public testing::Test {
 protected:
  MachineStory() : machine(trace), env(machine.env()), group(env.executor) {
    std::string name = (fs::temp_directory_path() / "trialog-real-XXXXXX").string();
    if (::mkdtemp(name.data()) != nullptr) directory = name;
  }
  ~MachineStory() override {
    std::error_code ignored;
    fs::remove_all(directory, ignored);
  }

  void run(Task<void> story) {
    group.spawn("story", tell(std::move(story)));
    group.spawn("limit", limit());
    machine.run();
    EXPECT_TRUE(ended) << "it never ended";
  }

  Task<void> tell(Task<void> story) {
    co_await story;
    ended = true;
    machine.stop();
  }
  Task<void> limit() {
    co_await env.clock.sleep(seconds(20));
    machine.stop();
  }

  Remember trace;
  Machine machine;
  Env env;
  fs::path directory;
  bool ended = false;
  TaskGroup group;
};

/// Two ends of one connection.
struct Pair {
  std::unique_ptr<Connection> client;
  std::unique_ptr<Connection> server;
};

Task<void> connect(Env& env, Pair& pair) {
  auto listener = env.network.listen(Endpoint("127.0.0.1", 0));
  EXPECT_TRUE(listener.has_value());
  auto client = co_await env.network.connect((*listener)->local());
  EXPECT_TRUE(client.has_value());
  auto server = co_await (*listener)->accept();
  EXPECT_TRUE(server.has_value());
  pair.client = std::move(*client);
  pair.server = std::move(*server);
}

Task<std::string> read_all(Connection& from) {
  std::string text;
  std::vector<std::byte> buffer(10000);
  for (;;) {
    auto count = co_await from.read(buffer);
    if (!count) co_return text;
    text += as_text({buffer.data(), *count});
  }
}

Task<void> write_and_finish(Connection& to, Chain chain) {
  auto written = co_await to.write(std::move(chain));
  EXPECT_TRUE(written.has_value()) << written.error().what();
  to.finish();
}

Task<void> send_file(Env& env, fs::path path) {
  Pair pair;
  co_await connect(env, pair);
  auto file = co_await env.disk.open(path, Disk::Open::fresh);
  EXPECT_TRUE(file.has_value());
  std::string content;
  for (int i = 0; content.size() < 3'000'000; ++i) content += std::to_string(i) + ",";
  Chain contents(Bytes::copy_of(content));
  auto appended = co_await (*file)->append(std::move(contents));
  EXPECT_TRUE(appended.has_value());
  // More pieces than one system call takes, with ranges of the file among them.
  Chain chain;
  std::string expected;
  for (int i = 0; i < 700; ++i) {
    chain.append(Bytes::copy_of("<" + std::to_string(i) + ">"));
    expected += "<" + std::to_string(i) + ">";
    if (i % 100 != 50) continue;
    chain.append(FileRange(*file, static_cast<std::uint64_t>(i), 400'000));
    expected += content.substr(static_cast<std::size_t>(i), 400'000);
  }
  TaskGroup writing(env.executor);
  writing.spawn("writer", write_and_finish(*pair.server, std::move(chain)));
  auto text = co_await read_all(*pair.client);
  EXPECT_EQ(text.size(), expected.size());
  EXPECT_TRUE(text == expected);
}

TEST_F(MachineStory, MemoryAndRangesOfFilesAreSentInTheirOrder) {
  run(send_file(env, directory / "file"));
}

Task<void> send_past_the_end(Env& env, fs::path path) {
  Pair pair;
  co_await connect(env, pair);
  auto file = co_await env.disk.open(path, Disk::Open::fresh);
  Chain chain;
  chain.append(FileRange(*file, 0, 10));
  auto written = co_await pair.server->write(std::move(chain));
  EXPECT_FALSE(written.has_value());
  EXPECT_EQ(written.error().kind(), IoError::Kind::broken);
}

TEST_F(MachineStory, ARangeThatTheFileDoesNotHoldIsAnErrorAndNoLoop) {
  run(send_past_the_end(env, directory / "file"));
}

Task<void> write_to_nobody(Env& env) {
  Pair pair;
  co_await connect(env, pair);
  pair.client.reset();
  Status written;
  for (int i = 0; i < 1000 && written; ++i) {
    Chain chain(Bytes::copy_of(std::string(10000, 'x')));
    written = co_await pair.server->write(std::move(chain));
    co_await env.clock.sleep(milliseconds(1));
  }
  EXPECT_FALSE(written.has_value());
  EXPECT_EQ(written.error().kind(), IoError::Kind::broken);
}

TEST_F(MachineStory, AClosedPeerIsAnErrorAndNoSignal) { run(write_to_nobody(env)); }

/// Lets the process open no more files than it has, for as long as this lives.
class NoMoreFiles {
 public:
  NoMoreFiles() {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    const int next = ::dup(0);
    ::close(next);
    rlimit none = before_;
    none.rlim_cur = static_cast<rlim_t>(next);
    ::setrlimit(RLIMIT_NOFILE, &none);
  }
  ~NoMoreFiles() { ::setrlimit(RLIMIT_NOFILE, &before_); }

 private:
  rlimit before_{};
};

Task<void> accept_one(Listener& listener, Signal& done) {
  auto accepted = co_await listener.accept();
  EXPECT_TRUE(accepted.has_value());
  done.raise();
}

/// UBSan looks at each type of object through a pipe, the first time. So all that will happen has
/// happened once while there are descriptors for that.
Task<void> rehearse(Env& env, Trace& trace) {
  Pair pair;
  co_await connect(env, pair);
  co_await env.clock.sleep(milliseconds(1));
  trace.note(Level::info, "story.begins", "");
}

Task<void> run_out_of_files(Env& env, Remember& trace) {
  co_await rehearse(env, trace);
  auto listener = env.network.listen(Endpoint("127.0.0.1", 0));
  auto client = co_await env.network.connect((*listener)->local());
  EXPECT_TRUE(client.has_value());
  Signal done(env.executor);
  TaskGroup accepting(env.executor);
  {
    NoMoreFiles none;
    accepting.spawn("accept", accept_one(**listener, done));
    co_await env.clock.sleep(milliseconds(250));
    EXPECT_EQ(accepting.size(), 1u);
    const std::vector<std::string> noted{"story.begins", "network.exhausted"};
    EXPECT_EQ(trace.kinds, noted);
  }
  co_await done.wait();
}

TEST_F(MachineStory, AListenerOutOfDescriptorsWaitsAndGoesOn) { run(run_out_of_files(env, trace)); }

Task<void> flood(Connection& to) {
  const auto block = Bytes::copy_of(std::string(1u << 16, 'x'));
  for (;;) {
    Chain chain(block);
    auto written = co_await to.write(std::move(chain));
    if (!written) co_return;
  }
}

Task<void> swallow(Connection& from, std::size_t& swallowed) {
  std::vector<std::byte> buffer(100);
  for (;;) {
    auto count = co_await from.read(buffer);
    if (!count) co_return;
    swallowed += *count;
  }
}

Task<void> tick_beside_a_flood(Env& env) {
  Pair pair;
  co_await connect(env, pair);
  std::size_t swallowed = 0;
  TaskGroup busy(env.executor);
  busy.spawn("flood", flood(*pair.client));
  busy.spawn("swallow", swallow(*pair.server, swallowed));
  for (int i = 0; i < 20; ++i) co_await env.clock.sleep(milliseconds(1));
  EXPECT_GT(swallowed, 0u);
}

TEST_F(MachineStory, AConnectionThatIsAlwaysReadyStarvesNobody) { run(tick_beside_a_flood(env)); }

Task<void> sync_and_leave(Env& env, fs::path path) {
  for (int i = 0; i < 20; ++i) {
    auto file = co_await env.disk.open(path, Disk::Open::either);
    Chain chain(Bytes::copy_of("x"));
    auto appended = co_await (*file)->append(std::move(chain));
    EXPECT_TRUE(appended.has_value());
    auto sync = (*file)->sync();
    sync.start();
    // Destroyed while the call runs on the other thread, with the file.
  }
  auto synced = co_await env.disk.sync_all(path.parent_path());
  EXPECT_TRUE(synced.has_value());
}

TEST_F(MachineStory, ASyncMayBeCancelledWhileItRuns) {
  run(sync_and_leave(env, directory / "file"));
}

Task<void> signal_ourselves(Env& env, int signal) {
  co_await env.clock.sleep(milliseconds(5));
  ::kill(::getpid(), signal);
}

Task<void> obey(Machine& machine, Env& env) {
  TaskGroup others(env.executor);
  for (const int expected : {SIGTERM, SIGINT}) {
    others.spawn("signal", signal_ourselves(env, expected));
    const int signal = co_await machine.asked_to_stop();
    EXPECT_EQ(signal, expected);
  }
}

TEST_F(MachineStory, SignalsAreHeard) { run(obey(machine, env)); }

Task<void> names(Env& env) {
  auto missing = co_await env.network.connect(Endpoint("no-such-host.invalid", 1));
  EXPECT_FALSE(missing.has_value());
  EXPECT_EQ(missing.error().kind(), IoError::Kind::not_found);
  auto listener = env.network.listen(Endpoint("localhost", 0));
  EXPECT_TRUE(listener.has_value());
  auto client = co_await env.network.connect((*listener)->local());
  EXPECT_TRUE(client.has_value());
  auto everywhere = env.network.listen(Endpoint("", 0));
  EXPECT_TRUE(everywhere.has_value());
  Endpoint numbers("127.0.0.1", (*everywhere)->local().port());
  auto other = co_await env.network.connect(std::move(numbers));
  EXPECT_TRUE(other.has_value());
  auto accepted = co_await (*everywhere)->accept();
  EXPECT_EQ((*accepted)->peer().host(), "127.0.0.1");
}

TEST_F(MachineStory, NamesAreResolved) { run(names(env)); }

TEST(ConsoleLog, WritesALineANoteAndNoControlCharacters) {
  ConsoleLog log(Level::warn);
  testing::internal::CaptureStderr();
  log.note(Level::info, "quiet", "nobody hears it");
  log.note(Level::warn, "loud", "a\nb\x1b[0m");
  const auto text = testing::internal::GetCapturedStderr();
  EXPECT_TRUE(text.ends_with("Z WARN  loud a\\x0ab\\x1b[0m\n")) << text;
  EXPECT_EQ(text.find("quiet"), std::string::npos);
  EXPECT_EQ(text.find('T'), 10u);
  EXPECT_EQ(level_named("error"), Level::error);
  EXPECT_EQ(level_named("loud"), std::nullopt);
}

}  // namespace
}  // namespace trialog::real
