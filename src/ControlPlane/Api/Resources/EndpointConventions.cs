using ControlPlane.Api.Access;
using ControlPlane.Api.Answers;
using ControlPlane.Api.Forwarding;
using Microsoft.AspNetCore.Mvc;

namespace ControlPlane.Api.Resources;

/// <summary>What each endpoint says of itself: to the OpenAPI document, and to the middleware that acts on it.</summary>
internal static class EndpointConventions
{
    private const string ProblemType = "application/problem+json";

    public static RouteHandlerBuilder Describe<TAnswer>(this RouteHandlerBuilder endpoint, string summary, string description, int status = StatusCodes.Status200OK, string contentType = "application/json") =>
        endpoint.WithSummary(summary).WithDescription(description).Produces<TAnswer>(status, contentType);

    public static RouteHandlerBuilder Describe(this RouteHandlerBuilder endpoint, string summary, string description, int status) =>
        endpoint.WithSummary(summary).WithDescription(description).Produces(status);

    public static RouteHandlerBuilder Refuses(this RouteHandlerBuilder endpoint, params ReadOnlySpan<int> statuses)
    {
        foreach (var status in statuses)
        {
            endpoint.Produces<ProblemDetails>(status, ProblemType);
        }

        return endpoint;
    }

    /// <summary>What every endpoint of a group may answer besides its own.</summary>
    public static RouteGroupBuilder RefusesAsAll(this RouteGroupBuilder group)
    {
        foreach (var status in new[] { 400, 401, 403, 503 })
        {
            group.WithMetadata(new ProducesResponseTypeMetadata(status, typeof(ProblemDetails), [ProblemType]));
        }

        return group;
    }

    public static RouteHandlerBuilder WithQuery(this RouteHandlerBuilder endpoint, params QueryParameter[] parameters) =>
        endpoint.WithMetadata(new QueryParameters(parameters));

    /// <summary>Every use of the endpoint, refused ones too, goes to the audit trail.</summary>
    public static RouteHandlerBuilder Audited(this RouteHandlerBuilder endpoint, string action) =>
        endpoint.WithMetadata(new AuditedAction(action)).AddEndpointFilter(AuditTrail.FilterAsync);

    public static RouteHandlerBuilder OfOwner(this RouteHandlerBuilder endpoint) =>
        endpoint.WithMetadata(AnsweredByOwner.Instance).Refuses(404, 504);
}
