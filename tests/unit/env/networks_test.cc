#include "tests/unit/env/conformance.h"

namespace trialog::conformance {
namespace {

using Kind = IoError::Kind;

/// A connection between the two nodes, with the ends named by who holds them.
struct Pair {
  std::unique_ptr<Connection> at_a, at_b;
};

Task<void> accept_into(Listener& listener, std::unique_ptr<Connection>& into) {
  auto accepted = co_await listener.accept();
  EXPECT_TRUE(accepted);
  if (accepted) into = std::move(*accepted);
}

Task<void> join(Backend& backend, Pair& pair) {
  const Endpoint place(backend.host_of_b(), 0);
  auto listener = backend.b().network.listen(place);
  EXPECT_TRUE(listener);
  if (!listener) co_return;
  TaskGroup accepting(backend.b().executor);
  accepting.run("accept", accept_into(**listener, pair.at_b));
  auto made = co_await backend.a().network.connect((*listener)->local());
  EXPECT_TRUE(made);
  if (made) pair.at_a = std::move(*made);
  co_await accepting.all_done();
}

/// Reads until the end of the stream, in pieces of at most `step`, and gives how it ended.
Task<Kind> read_all(Connection& connection, std::string& into, std::size_t step) {
  std::vector<std::byte> room(step);
  for (;;) {
    auto count = co_await connection.read(room);
    if (!count) co_return count.error().kind();
    EXPECT_GT(*count, 0u);
    EXPECT_LE(*count, step);
    into += as_text(std::span(room).first(*count));
  }
}

Task<void> read_to_end(Connection& connection, std::string& into, std::size_t step) {
  const auto ending = co_await read_all(connection, into, step);
  EXPECT_EQ(ending, Kind::closed);
}

Task<void> say(Connection& connection, std::string text) {
  Chain chain(Bytes::copy_of(text));
  auto done = co_await connection.write(std::move(chain));
  EXPECT_TRUE(done);
}

std::string numbers(std::size_t size) {
  std::string text;
  for (std::size_t i = 0; text.size() < size; ++i) text += std::to_string(i) + " ";
  text.resize(size);
  return text;
}

Task<void> stream(Backend& backend, std::size_t step) {
  Pair pair;
  co_await join(backend, pair);
  std::string heard;
  TaskGroup reading(backend.b().executor);
  reading.run("read", read_to_end(*pair.at_b, heard, step));
  std::string said = numbers(100'000);
  for (std::size_t at = 0, size = 1; at < said.size(); at += size, size = size % 1777 + 97) {
    co_await say(*pair.at_a, said.substr(at, size));
  }
  pair.at_a->finish();
  co_await reading.all_done();
  EXPECT_EQ(heard, said);
}

TEST_P(Networks, BytesArriveInOrderAndWhole) { run(stream(backend(), 4096)); }
TEST_P(Networks, ASmallReadTakesAPartAndTheRestStays) { run(stream(backend(), 7)); }

Task<void> echo(Connection& connection) {
  std::vector<std::byte> room(1000);
  for (;;) {
    auto count = co_await connection.read(room);
    if (!count) break;
    Chain chain(Bytes::copy_of(std::span<const std::byte>(room).first(*count)));
    auto done = co_await connection.write(std::move(chain));
    if (!done) break;
  }
  connection.finish();
}

Task<void> both_ways(Backend& backend) {
  Pair pair;
  co_await join(backend, pair);
  const auto said = numbers(300'000);
  std::string heard;
  TaskGroup tasks(backend.a().executor), echoing(backend.b().executor);
  echoing.run("echo", echo(*pair.at_b));
  tasks.run("read", read_to_end(*pair.at_a, heard, 777));
  co_await say(*pair.at_a, said);
  pair.at_a->finish();
  co_await tasks.all_done();
  co_await echoing.all_done();
  EXPECT_EQ(heard, said);
}

TEST_P(Networks, OneReaderAndOneWriterAtOnceAndHalfClosed) { run(both_ways(backend())); }

Task<void> write_much(Connection& connection, std::size_t total, std::size_t& written) {
  const auto block = numbers(1 << 16);
  while (written < total) {
    co_await say(connection, block);
    written += block.size();
  }
  connection.finish();
}

Task<void> slow_reader(Backend& backend) {
  constexpr std::size_t total = 32 << 20;
  Pair pair;
  co_await join(backend, pair);
  std::size_t written = 0;
  TaskGroup writing(backend.a().executor);
  writing.run("write", write_much(*pair.at_a, total, written));
  co_await backend.a().clock.sleep(milliseconds(200));
  EXPECT_LT(written, total) << "nobody reads, and still everything was taken";
  std::string heard;
  co_await read_to_end(*pair.at_b, heard, 1 << 20);
  co_await writing.all_done();
  EXPECT_EQ(written, total);
  EXPECT_EQ(heard.size(), total);
}

TEST_P(Networks, AWriteWaitsWhileThePeerDoesNotRead) { run(slow_reader(backend())); }

Task<void> farewell(Backend& backend) {
  Pair pair;
  co_await join(backend, pair);
  co_await say(*pair.at_a, "last words");
  pair.at_a.reset();
  std::string heard;
  const auto ending = co_await read_all(*pair.at_b, heard, 100);
  EXPECT_EQ(heard, "last words");
  EXPECT_TRUE(ending == Kind::closed || ending == Kind::broken);
}

TEST_P(Networks, WhatWasWrittenBeforeTheEndIsRead) { run(farewell(backend())); }

Task<void> write_to_the_gone(Backend& backend) {
  Pair pair;
  co_await join(backend, pair);
  pair.at_b.reset();
  Status done;
  for (int i = 0; i < 1000 && done; ++i) {
    Chain chain(Bytes::copy_of("anybody?"));
    done = co_await pair.at_a->write(std::move(chain));
    co_await backend.a().clock.sleep(milliseconds(1));
  }
  EXPECT_FALSE(done) << "a write to one who is gone must fail in the end";
}

TEST_P(Networks, WritingToOneWhoIsGoneFailsInTheEnd) { run(write_to_the_gone(backend())); }

Task<void> unread(Backend& backend) {
  Pair pair;
  co_await join(backend, pair);
  co_await say(*pair.at_a, "never read");
  co_await backend.a().clock.sleep(milliseconds(20));
  pair.at_b.reset();
  std::string heard;
  const auto ending = co_await read_all(*pair.at_a, heard, 100);
  EXPECT_TRUE(ending == Kind::closed || ending == Kind::broken);
}

TEST_P(Networks, AReaderHearsThatThePeerIsGone) { run(unread(backend())); }

Task<void> nobody_there(Backend& backend) {
  Endpoint place(backend.host_of_b(), 0);
  {
    auto listener = backend.b().network.listen(place);
    EXPECT_TRUE(listener);
    if (listener) place = (*listener)->local();
  }
  EXPECT_NE(place.port(), 0);
  auto refused = co_await backend.a().network.connect(place);
  EXPECT_FALSE(refused);
  if (!refused) {
    EXPECT_EQ(refused.error().kind(), Kind::refused);
  }
  const Endpoint unknown("no-such-host.invalid", 9);
  auto missing = co_await backend.a().network.connect(unknown);
  EXPECT_FALSE(missing);
  if (!missing) {
    EXPECT_EQ(missing.error().kind(), Kind::not_found);
  }
}

TEST_P(Networks, ConnectingToNobodyIsRefusedAndToNowhereNotFound) { run(nobody_there(backend())); }

TEST_P(Networks, PortZeroPicksAFreePortAndATakenOneIsBusy) {
  const auto first = b().network.listen(Endpoint(backend().host_of_b(), 0));
  const auto second = b().network.listen(Endpoint(backend().host_of_b(), 0));
  ASSERT_TRUE(first);
  ASSERT_TRUE(second);
  EXPECT_NE((*first)->local().port(), 0);
  EXPECT_NE((*first)->local().port(), (*second)->local().port());
  const auto taken = b().network.listen((*first)->local());
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().kind(), Kind::busy);
}

TEST_P(Networks, APortIsFreeAgainWhenItsListenerIsGone) {
  auto first = b().network.listen(Endpoint(backend().host_of_b(), 0));
  ASSERT_TRUE(first);
  const auto place = (*first)->local();
  first->reset();
  EXPECT_TRUE(b().network.listen(place));
}

Task<void> not_accepted(Backend& backend) {
  const Endpoint place(backend.host_of_b(), 0);
  auto listener = backend.b().network.listen(place);
  EXPECT_TRUE(listener);
  if (!listener) co_return;
  auto made = co_await backend.a().network.connect((*listener)->local());
  EXPECT_TRUE(made) << "the host accepts before the program does";
  if (!made) co_return;
  listener->reset();
  std::string heard;
  const auto ending = co_await read_all(**made, heard, 10);
  EXPECT_TRUE(ending == Kind::closed || ending == Kind::broken);
}

TEST_P(Networks, WhoWasNotAcceptedHearsThatTheListenerIsGone) { run(not_accepted(backend())); }

Task<void> read_forever(Connection& connection) {
  std::vector<std::byte> room(100);
  auto count = co_await connection.read(room);
  EXPECT_TRUE(count);
  ADD_FAILURE() << "a cancelled read went on";
}

Task<void> write_forever(Connection& connection) {
  for (;;) co_await say(connection, numbers(1 << 16));
}

Task<void> accept_forever(Listener& listener) {
  auto accepted = co_await listener.accept();
  EXPECT_TRUE(accepted);
  ADD_FAILURE() << "a cancelled accept went on";
}

Task<void> cancel_all(Backend& backend) {
  Pair pair;
  co_await join(backend, pair);
  const Endpoint place(backend.host_of_b(), 0);
  auto listener = backend.b().network.listen(place);
  EXPECT_TRUE(listener);
  if (!listener) co_return;
  {
    TaskGroup group(backend.a().executor);
    group.run("read", read_forever(*pair.at_a));
    group.run("write", write_forever(*pair.at_a));
    group.run("accept", accept_forever(**listener));
    co_await backend.a().clock.sleep(milliseconds(20));
  }
  co_await say(*pair.at_b, "after");
  std::vector<std::byte> room(100);
  auto count = co_await pair.at_a->read(room);
  EXPECT_TRUE(count) << "a cancelled read must not take bytes along";
  if (count) {
    EXPECT_EQ(as_text(std::span(room).first(*count)), std::string("after").substr(0, *count));
  }
  auto made = co_await backend.a().network.connect((*listener)->local());
  EXPECT_TRUE(made);
  auto accepted = co_await (*listener)->accept();
  EXPECT_TRUE(accepted) << "a cancelled accept must not take a connection along";
}

TEST_P(Networks, DestroyingWhoReadsWritesOrAcceptsCancelsThem) { run(cancel_all(backend())); }

Task<void> give_up(Backend& backend) {
  const Endpoint place(backend.host_of_b(), 0);
  auto listener = backend.b().network.listen(place);
  EXPECT_TRUE(listener);
  if (!listener) co_return;
  for (int i = 0; i < 20; ++i) {
    auto& env = backend.a();
    const auto deadline = env.clock.now() + microseconds(30 * i);
    auto made = co_await within(env.executor, env.clock, deadline,
                                env.network.connect((*listener)->local()));
    if (made) {
      EXPECT_TRUE(*made);
    }
  }
}

TEST_P(Networks, AConnectMayBeGivenUpAtAnyMoment) { run(give_up(backend())); }

Task<void> close_both(Backend& backend) {
  for (int i = 0; i < 20; ++i) {
    Pair pair;
    co_await join(backend, pair);
    TaskGroup group(backend.a().executor);
    group.run("write", write_forever(*pair.at_a));
    group.run("read", read_forever(*pair.at_a));
    co_await backend.a().clock.sleep(microseconds(100 * i));
  }
}

TEST_P(Networks, ConnectionsInUseMayBeDestroyedWithTheirTasks) { run(close_both(backend())); }

Task<void> names(Backend& backend) {
  Pair pair;
  const Endpoint place(backend.host_of_b(), 0);
  auto listener = backend.b().network.listen(place);
  EXPECT_TRUE(listener);
  if (!listener) co_return;
  auto made = co_await backend.a().network.connect((*listener)->local());
  auto accepted = co_await (*listener)->accept();
  EXPECT_TRUE(made && accepted);
  if (!made || !accepted) co_return;
  EXPECT_EQ((*made)->peer().port(), (*listener)->local().port());
  EXPECT_NE((*accepted)->peer().port(), 0);
  EXPECT_FALSE((*accepted)->peer().host().empty());
}

TEST_P(Networks, EachEndKnowsWhereTheOtherIs) { run(names(backend())); }

Task<void> send_range(Backend& backend, Disk::Path path) {
  Pair pair;
  co_await join(backend, pair);
  auto file = co_await backend.a().disk.open(path, Disk::Open::fresh);
  EXPECT_TRUE(file);
  if (!file) co_return;
  const auto text = numbers(500'000);
  Chain contents(Bytes::copy_of(text));
  auto stored = co_await (*file)->append(std::move(contents));
  EXPECT_TRUE(stored);
  std::string heard;
  TaskGroup reading(backend.b().executor);
  reading.run("read", read_to_end(*pair.at_b, heard, 10'000));
  Chain chain(Bytes::copy_of("<"));
  chain.append(FileRange(*file, 1000, 400'000));
  chain.append(Bytes::copy_of("|"));
  chain.append(FileRange(*file, 3, 1));
  chain.append(Bytes::copy_of(">"));
  auto done = co_await pair.at_a->write(std::move(chain));
  EXPECT_TRUE(done);
  pair.at_a->finish();
  co_await reading.all_done();
  EXPECT_EQ(heard, "<" + text.substr(1000, 400'000) + "|" + text[3] + ">");
}

TEST_P(Networks, APieceOfAWriteMayBeARangeOfAFile) {
  run(send_range(backend(), backend().fresh_directory() / "log"));
}

}  // namespace
}  // namespace trialog::conformance
