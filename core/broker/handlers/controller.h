#pragma once

#include "core/broker/handlers/handlers.h"

namespace trialog::broker::handlers {

/// Requests are passed on in the newest version: what only old ones can say is said anew.
template <class Request>
void renew(Request&) {}
void renew(protocol::DeleteTopicsRequest& request);
void renew(protocol::UpdateFeaturesRequest& request);

/// What the controller answers. If it is not here, a client's request is passed on to it, until the
/// request's own timeout or else `patience`; that of another node is not, for it must look again.
template <class Request>
Task<std::expected<typename replication::ControllerApi<Request>::Response, ErrorCode>>
ask_controller(Broker& broker, const Context& context, Request request) {
  constexpr Duration patience = seconds(30);
  if (context.client().side() == Side::controllers) {
    return broker.controller.ask_here(std::move(request));
  }
  renew(request);
  Duration limit = patience;
  if constexpr (requires { request.timeout_ms; }) {
    limit = std::min<Duration>(patience, milliseconds(std::max(request.timeout_ms, 0)));
  }
  const auto deadline = broker.env.clock.now() + limit;
  return broker.controller.ask(std::move(request), deadline);
}

/// Why settings of the broker of this name are not for us to tell or to change; empty if they are:
/// our own, or, without a name, those of all.
std::string broker_name_problem(const Broker& broker, const std::string& name);

/// The handler of a request whose answer has one error code for everything.
template <class Request>
Task<typename replication::ControllerApi<Request>::Response> decided(Broker& broker,
                                                                     const Context& context,
                                                                     Request request) {
  auto asking = ask_controller(broker, context, std::move(request));
  auto answer = co_await asking;
  if (answer) co_return std::move(*answer);
  typename replication::ControllerApi<Request>::Response refusal;
  refusal.error_code = answer.error();
  co_return refusal;
}

}  // namespace trialog::broker::handlers
