using System.Text.Json.Nodes;
using ControlPlane.Api.Access;
using ControlPlane.Api.Answers;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace ControlPlane.Api.OpenApi;

/// <summary>The OpenAPI document: what the endpoints say of themselves, with log-in schemes and query parameters.</summary>
internal static class OpenApiSetup
{
    public const string Document = "v1";

    private const string TokenScheme = "token";
    private const string CookieScheme = "session";

    public static IServiceCollection AddApiDocument(this IServiceCollection services) => services.AddOpenApi(Document, options =>
    {
        options.AddDocumentTransformer(static (document, _, _) =>
        {
            Describe(document);
            return Task.CompletedTask;
        });
        options.AddOperationTransformer(static (operation, context, _) =>
        {
            Describe(operation, context);
            return Task.CompletedTask;
        });
    });

    private static void Describe(OpenApiDocument document)
    {
        document.Info = new OpenApiInfo
        {
            Title = "Kafka Control Plane",
            Version = Document,
            Description = "Sizes are bytes, rates are per second, times are ISO 8601 UTC. What is not known is null. Refusals are application/problem+json with title, detail and nextStep; validation adds errors. Lists and objects carry an ETag; If-None-Match answers 304.",
        };
        document.Servers = [];
        document.Components ??= new OpenApiComponents();
        document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>(StringComparer.Ordinal)
        {
            [TokenScheme] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", BearerFormat = "kcp_...", Description = "An API token, made under POST /api/v1/tokens." },
            [CookieScheme] = new OpenApiSecurityScheme { Type = SecuritySchemeType.ApiKey, In = ParameterLocation.Cookie, Name = SessionCookie.Name, Description = $"The session of a page. Requests that change something also need the header {RequestGuard.CsrfHeader}." },
        };
    }

    private static void Describe(OpenApiOperation operation, OpenApiOperationTransformerContext context)
    {
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        foreach (var parameter in metadata.OfType<QueryParameters>().SelectMany(list => list.All))
        {
            operation.Parameters ??= [];
            operation.Parameters.Add(new OpenApiParameter
            {
                Name = parameter.Name,
                In = ParameterLocation.Query,
                Required = false,
                Description = parameter.Description,
                Schema = Schema(parameter),
            });
        }

        if (metadata.OfType<AllowAnonymousAttribute>().Any())
        {
            return;
        }

        if (metadata.OfType<IAuthorizeData>().LastOrDefault(data => data.Policy is not null)?.Policy is { } policy)
        {
            operation.Description = $"{operation.Description} Needs the role {Policies.RoleFor(policy)}.";
        }

        operation.Security =
        [
            new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(TokenScheme, context.Document)] = [] },
            new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(CookieScheme, context.Document)] = [] },
        ];
    }

    private static OpenApiSchema Schema(QueryParameter parameter) => parameter.Kind switch
    {
        QueryKind.Number => new OpenApiSchema { Type = JsonSchemaType.Integer, Format = "int64" },
        QueryKind.Flag => new OpenApiSchema { Type = JsonSchemaType.Boolean },
        QueryKind.Word => new OpenApiSchema { Type = JsonSchemaType.String, Enum = [.. parameter.Words.Select(word => (JsonNode)JsonValue.Create(word))] },
        QueryKind.Text or QueryKind.Time => new OpenApiSchema { Type = JsonSchemaType.String },
        _ => throw new InvalidOperationException($"Unhandled kind {parameter.Kind}"),
    };
}
