import { DomainError } from '../domain/errors.ts';
import { type FirstArticleDecision, knowing } from '../domain/first-article.ts';
import type { PackageId, PersonId } from '../domain/ids.ts';
import type { PersonRole } from '../domain/people.ts';
import { type Clock, rfc3339 } from '../platform/clock.ts';
import { canonicalJson } from '../platform/hash.ts';
import { approvalStatement } from '../signing/statements.ts';
import type { BrowseService } from './browse.ts';
import type { Asker } from './principals.ts';

type AskedApproval = {
  person: PersonId;
  role: PersonRole;
  decision: 'approve' | 'refuse';
  reason?: string | undefined;
  firstArticle?: Omit<FirstArticleDecision, 'draft'> | undefined;
};

/** Makes the statements that people sign in a browser, from what they may see. The signature is judged when it comes. */
export class ApprovalStatements {
  readonly #parts: { browse: BrowseService; clock: Clock };

  constructor(parts: { browse: BrowseService; clock: Clock }) {
    this.#parts = parts;
  }

  /** The RFC 8785 bytes to sign. Throws `not-found`, or `request-invalid` for a refusal without a reason. */
  async approval(
    asker: Asker,
    packageId: PackageId,
    { person, role, decision, reason, firstArticle }: AskedApproval,
  ): Promise<Buffer> {
    const { row, route } = await this.#parts.browse.package(asker, packageId, 1);
    const line = route.route.approvals.find((approval) => approval.role === role);
    const meaning = decision === 'refuse' ? reason : (line?.meaning ?? reason);
    if (meaning === undefined)
      throw new DomainError('request-invalid', 'Say what the signature means.', { field: 'reason' });
    return canonicalJson(
      approvalStatement({
        ...{ decision, packageId, person, role, meaning },
        manifest: row.manifest,
        routeVersion: route.route.version,
        firstArticle: firstArticle && knowing(row.firstArticle, firstArticle),
        time: rfc3339(this.#parts.clock()),
      }),
    );
  }
}
