#include "real/descriptor.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

namespace trialog::real {

namespace {

class AsioDescriptor : public Descriptor {
 public:
  AsioDescriptor(boost::asio::io_context& io, int fd) : Descriptor(fd), watched_(io, fd) {}

  void close() override {
    fd_ = -1;
    reader_.waiting = writer_.waiting = nullptr;
    boost::system::error_code ignored;
    watched_.close(ignored);
  }

 private:
  void arm(Side& side) override {
    using Watched = boost::asio::posix::stream_descriptor;
    side.armed = true;
    const auto what = &side == &reader_ ? Watched::wait_read : Watched::wait_write;
    // The handler keeps the descriptor, so a wait outlives whoever asked for it without harm.
    watched_.async_wait(what, [self = shared_from_this(), &side](boost::system::error_code) {
      side.armed = false;
      ready(side);
    });
  }

  boost::asio::posix::stream_descriptor watched_;
};

}  // namespace

std::shared_ptr<Descriptor> Descriptor::adopt(boost::asio::io_context& io, int fd) {
  return std::make_shared<AsioDescriptor>(io, fd);
}

Descriptor::Ready Descriptor::readable() { return Ready(shared_from_this(), reader_); }

Descriptor::Ready Descriptor::writable() { return Ready(shared_from_this(), writer_); }

void Descriptor::ready(Side& side) {
  if (auto* waiting = std::exchange(side.waiting, nullptr)) waiting->task_.resume();
}

}  // namespace trialog::real
