#include "real/resolver.h"

#include <netinet/in.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <coroutine>
#include <cstring>
#include <memory>
#include <utility>

namespace trialog::real {

namespace {

using boost::asio::ip::tcp;

/// What the asker and Asio share about one question.
struct Question {
  explicit Question(boost::asio::io_context& io) : resolver(io) {}
  tcp::resolver resolver;
  boost::system::error_code error;
  tcp::resolver::results_type answers;
  std::coroutine_handle<> waiting = nullptr;
};

class Answered {
 public:
  Answered(std::shared_ptr<Question> question, const Endpoint& name)
      : question_(std::move(question)), name_(name) {}
  Answered(const Answered&) = delete;
  ~Answered() { question_->waiting = nullptr; }
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> task) {
    question_->waiting = task;
    question_->resolver.async_resolve(
        name_.host(), std::to_string(name_.port()), tcp::resolver::numeric_service,
        [question = question_](boost::system::error_code error,
                               tcp::resolver::results_type answers) {
          question->error = error;
          question->answers = std::move(answers);
          if (auto waiting = std::exchange(question->waiting, nullptr)) waiting.resume();
        });
  }
  void await_resume() const noexcept {}

 private:
  std::shared_ptr<Question> question_;
  const Endpoint& name_;
};

Address address_of(const tcp::endpoint& endpoint) {
  Address address;
  std::memcpy(&address.storage, endpoint.data(), endpoint.size());
  address.length = static_cast<socklen_t>(endpoint.size());
  return address;
}

Result<std::vector<Address>> addresses_of(const tcp::resolver::results_type& answers,
                                          const boost::system::error_code& error,
                                          const Endpoint& name) {
  if (error) {
    return failure(IoError::Kind::not_found, "find " + name.host() + ": " + error.message());
  }
  std::vector<Address> addresses;
  for (const auto& answer : answers) addresses.push_back(address_of(answer.endpoint()));
  return addresses;
}

}  // namespace

Task<Result<std::vector<Address>>> resolve(boost::asio::io_context& io, Endpoint name) {
  Address address;
  if (numeric_address(name.host(), name.port(), address)) {
    co_return std::vector<Address>(1, address);
  }
  auto question = std::make_shared<Question>(io);
  Answered answered(question, name);
  co_await answered;
  co_return addresses_of(question->answers, question->error, name);
}

Result<std::vector<Address>> resolve_to_listen(const Endpoint& name) {
  if (name.host().empty()) {
    // Both families through one socket where there is IPv6, else IPv4 alone.
    std::vector<Address> any(2);
    numeric_address("::", name.port(), any[0]);
    numeric_address("0.0.0.0", name.port(), any[1]);
    return any;
  }
  Address address;
  if (numeric_address(name.host(), name.port(), address)) return std::vector<Address>{address};
  boost::asio::io_context io;
  boost::system::error_code error;
  tcp::resolver resolver(io);
  const auto answers = resolver.resolve(name.host(), std::to_string(name.port()),
                                        tcp::resolver::numeric_service, error);
  return addresses_of(answers, error, name);
}

}  // namespace trialog::real
