// libFuzzer: what a client may send, from the socket to the request's header. The first byte says
// in how large pieces the rest arrives.
#include <algorithm>
#include <cstdint>
#include <cstring>

#include "core/base/check.h"
#include "core/env/frame_reader.h"
#include "core/protocol/header.h"

namespace {

using trialog::Bytes;

/// Gives its bytes in pieces, and then the end.
class Replay : public trialog::Connection {
 public:
  Replay(std::span<const std::byte> bytes, std::size_t piece) : left_(bytes), piece_(piece) {}

  trialog::Task<trialog::Result<std::size_t>> read(std::span<std::byte> into) override {
    const auto count = std::min({into.size(), piece_, left_.size()});
    CHECK(!into.empty());
    if (count == 0) co_return trialog::failure(trialog::IoError::Kind::closed, "the end");
    std::memcpy(into.data(), left_.data(), count);
    left_ = left_.subspan(count);
    co_return count;
  }
  trialog::Task<trialog::Status> write(trialog::Chain) override { co_return trialog::Status(); }
  void finish() override {}
  const trialog::Endpoint& peer() const override { return peer_; }

 private:
  std::span<const std::byte> left_;
  std::size_t piece_;
  trialog::Endpoint peer_{"fuzz", 1};
};

/// Everything that the reader takes out of the stream lies in it, one frame behind the other.
trialog::Task<void> serve(Replay& connection, std::span<const std::byte> sent) {
  trialog::FrameReader reader(connection, 8, 1u << 20);
  std::size_t at = 0;
  while (true) {
    while (auto frame = reader.take()) {
      CHECK(at + 4 + frame->size() <= sent.size());
      CHECK(std::ranges::equal(frame->view(), sent.subspan(at + 4, frame->size())));
      at += 4 + frame->size();
      static_cast<void>(trialog::protocol::decode_request_header(*frame));
    }
    if (!reader.problem().empty()) co_return;
    auto more = co_await reader.read_more();
    if (!more) co_return;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const auto sent = std::as_bytes(std::span(data, size)).subspan(1);
  Replay connection(sent, 1 + data[0]);
  auto task = serve(connection, sent);
  task.start();
  CHECK(task.done());
  return 0;
}
