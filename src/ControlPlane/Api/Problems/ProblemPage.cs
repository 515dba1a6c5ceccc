using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;

namespace ControlPlane.Api.Problems;

/// <summary>
/// A problem for somebody who asked for a page: the same words that programs get. It needs no other file, because what can't be answered may
/// be those as well; and while waiting helps, it asks again by itself.
/// </summary>
internal static class ProblemPage
{
    private const string Document = """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>{0}</title>
        <style>
        :root {{ color-scheme: light dark; }}
        body {{ margin: 0; padding: 15vh 24px 24px; background: light-dark(#f5f6f8, #13171d); color: light-dark(#1b2430, #e2e7ee); font: 15px/1.5 system-ui, sans-serif; }}
        main {{ max-width: 640px; margin: 0 auto; overflow-wrap: anywhere; }}
        h1 {{ font-size: 22px; line-height: 1.25; margin: 0 0 12px; color: light-dark(#b3122f, #ff8088); }}
        p {{ margin: 0 0 12px; }}
        .faint {{ color: light-dark(#4b5666, #a9b3c1); font-size: 13px; }}
        a {{ color: light-dark(#2456d3, #85a9ff); }}
        </style>
        </head>
        <body>
        <main role="alert">
        <h1>{0}</h1>
        <p>{1}</p>
        <p>{2}</p>
        <p class="faint">{3}<a href="">Load it now</a></p>
        </main>
        </body>
        </html>
        """;

    private static readonly CompositeFormat Format = CompositeFormat.Parse(Document);

    public static Task WriteAsync(HttpContext http, Problem problem)
    {
        var again = HttpMethods.IsGet(http.Request.Method) && problem.RetryAfter is { } pause ? (int?)Math.Ceiling(pause.TotalSeconds) : null;
        var response = http.Response;
        (response.StatusCode, response.ContentType) = (problem.Status, "text/html; charset=utf-8");
        response.Headers.CacheControl = "no-store";
        if (again is { } seconds)
        {
            response.Headers.RetryAfter = response.Headers["Refresh"] = seconds.ToString(CultureInfo.InvariantCulture);
        }

        var html = HtmlEncoder.Default;
        return response.WriteAsync(string.Format(CultureInfo.InvariantCulture, Format,
            html.Encode(problem.Title), html.Encode(problem.Detail), html.Encode(problem.NextStep), again is null ? "" : $"This page asks again every {again} s. "), http.RequestAborted);
    }
}
